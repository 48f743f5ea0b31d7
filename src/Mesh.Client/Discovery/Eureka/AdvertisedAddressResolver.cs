using System.Net;
using Mesh.Client.Security;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Finds out of the addresses the server listens on, and of what is configured, where others reach this application.</summary>
internal static class AdvertisedAddressResolver
{
    private const string Loopback = "127.0.0.1";

    /// <returns>Null if the server listens on no TCP address.</returns>
    public static AdvertisedAddress? Resolve(IEnumerable<string> listening, EurekaOptions options, MachineAddress machine)
    {
        List<BindingAddress> bindings = [];
        foreach (var address in listening)
        {
            var binding = BindingAddress.Parse(address);
            if (!binding.IsUnixPipe && !binding.IsNamedPipe)
            {
                bindings.Add(binding);
            }
        }

        // A loopback port next to a public one is for this machine only (administration, probes): others cannot reach it.
        if (bindings.Exists(binding => !IsLoopback(binding.Host)))
        {
            bindings.RemoveAll(binding => IsLoopback(binding.Host));
        }

        var plain = bindings.Find(binding => binding.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase));
        var secure = bindings.Find(binding => binding.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase));
        if ((plain ?? secure) is not { } main)
        {
            return null;
        }

        var (host, ip) = HostOf(main.Host, machine);
        ip = options.IPAddress ?? ip;
        return new AdvertisedAddress
        {
            // As in Steeltoe and Spring, the address takes the place of the name, also of a configured one.
            HostName = Hosts.Of(options.PreferIPAddress == true ? ip : options.HostName ?? host),
            IPAddress = ip,
            Port = plain is null ? null : options.Port ?? plain.Port,
            // The configured port is the one that others use; without plain HTTP that is the TLS port.
            SecurePort = secure is null ? null : plain is null ? options.Port ?? secure.Port : secure.Port,
        };
    }

    private static (string Host, string IPAddress) HostOf(string listening, MachineAddress machine)
    {
        if (IPAddress.TryParse(listening, out var ip))
        {
            return IPAddress.Any.Equals(ip) || IPAddress.IPv6Any.Equals(ip) ? (machine.HostName, machine.Address)
                : (Hosts.Of(ip), ip.ToString());
        }

        return listening is "+" or "*" ? (machine.HostName, machine.Address)
            : IsLoopback(listening) ? (Loopback, Loopback)
            : (listening, machine.Address);
    }

    /// <summary>As callers judge it, also a name under <c>.localhost</c>: Kestrel listens on loopback for it.</summary>
    private static bool IsLoopback(string host) => EndpointPolicy.IsLoopbackHost(host);
}
