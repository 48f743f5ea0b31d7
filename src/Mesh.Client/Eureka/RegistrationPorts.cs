using Mesh.Client.Options;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>Applies what is configured about the ports to what the server listens on: for applications behind
/// something that maps ports or ends TLS.</summary>
internal static class RegistrationPorts
{
    public static AdvertisedAddress Apply(AdvertisedAddress address, EurekaOptions options) => address with
    {
        Port = options.PortEnabled switch
        {
            false => null,
            true => address.Port ?? options.Port,
            null => address.Port,
        },
        SecurePort = options.SecurePortEnabled switch
        {
            false => null,
            true => options.SecurePort ?? address.SecurePort,
            null => address.SecurePort is null ? null : options.SecurePort ?? address.SecurePort,
        },
    };
}
