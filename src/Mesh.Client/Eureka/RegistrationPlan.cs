using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>Decides the content of the registration, from the configuration and the addresses that the server listens on.</summary>
internal sealed class RegistrationPlan(ModelInForce model, IWrittenKeys keys, Func<MachineAddress> machine)
{
    /// <summary>Whether the configuration asks for a registration at all.</summary>
    public bool Wanted =>
        model.Current is { IsEnabled: true, Options: var options }
        && options.Lifecycle.RegisterWhen != RegistrationTrigger.Never
        && EurekaSettings.From(options.Discovery).Register;

    /// <summary>What to change where the host of a registration means this machine, and the registry is on another one; null where it is
    /// of use.</summary>
    public string? LoopbackAdvice(InstanceRegistration registration)
    {
        if (!EndpointPolicy.IsLoopbackHost(registration.Address.HostName)
            || EurekaSettings.From(model.Current.Options.Discovery).Origin == EndpointOrigin.LoopbackSource)
        {
            return null;
        }

        var eureka = model.Current.Options.Discovery.Eureka;
        var (setting, configured) = eureka.PreferIPAddress == true
            ? ("Discovery:Eureka:IPAddress", eureka.IPAddress)
            : ("Discovery:Eureka:HostName", eureka.HostName);
        return configured is null
            ? $"Listen on an address that they reach (such as ASPNETCORE_URLS=http://+:8080), or set {Written(setting)}."
            : $"Set {Written(setting)} to what they reach this machine by, or leave it out.";
    }

    /// <summary>The host of a registration that stands for all addresses of a machine, with the key that it was configured under; null for
    /// a usable host. The addresses that the server listens on never become such a host.</summary>
    public (string Host, string Key)? AnyAddress(InstanceRegistration registration)
    {
        var byAddress = model.Current.Options.Discovery.Eureka.PreferIPAddress == true;
        return !byAddress && IsAny(registration.Address.HostName) ? (registration.Address.HostName, Written("Discovery:Eureka:HostName"))
            : IsAny(registration.Address.IPAddress) ? (registration.Address.IPAddress, Written("Discovery:Eureka:IPAddress"))
            : null;
    }

    /// <returns>Null if the server listens on no address that others could connect to.</returns>
    public InstanceRegistration? Make(IEnumerable<string> listening)
    {
        var options = model.Current.Options;
        var eureka = options.Discovery.Eureka;
        var settings = EurekaSettings.From(options.Discovery);
        if (AdvertisedAddressResolver.Resolve(listening, eureka, machine()) is not { } address)
        {
            return null;
        }

        address = RegistrationPorts.Apply(address, eureka);
        if (address.AnyPort == 0)
        {
            // All its ports are disabled: no caller could connect.
            return null;
        }

        var name = options.Service.Name!.ToLowerInvariant();
        return new InstanceRegistration
        {
            App = name.ToUpperInvariant(),
            Vip = name,
            InstanceId = eureka.InstanceId ?? FormattableString.Invariant($"{address.HostName}:{name}:{address.AnyPort}"),
            Address = address,
            Guesses = AdvertisedAddressResolver.Guesses(listening, eureka),
            HeartbeatInterval = settings.HeartbeatInterval,
            LeaseDuration = settings.LeaseDuration,
            Details = RegistrationDetails.From(eureka),
        };
    }

    /// <summary>The key that the user wrote for a setting; the setting is given without the name of the section.</summary>
    public string Written(string setting) => keys.Written(setting);

    private static bool IsAny(string host) => IPAddress.TryParse(host, out var address) && Hosts.IsAny(address);
}
