using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Registration;

/// <summary>Determines the address at which callers reach this application, from the addresses that its server listens on and the
/// configuration.</summary>
internal static class AdvertisedAddressResolver
{
    private const string Loopback = "127.0.0.1";

    /// <returns>Null if the server listens on no TCP address.</returns>
    public static AdvertisedAddress? Resolve(IEnumerable<string> listening, EurekaOptions options, MachineAddress machine)
    {
        var bindings = Candidates(listening);
        var plain = bindings.Find(static binding => IsOf(binding, Uri.UriSchemeHttp));
        var secure = bindings.Find(static binding => IsOf(binding, Uri.UriSchemeHttps));
        if ((plain ?? secure) is not { } main)
        {
            return null;
        }

        var (host, ip) = HostOf(main.Host, machine);
        string? name = null;
        if (options.IPAddress is { } written)
        {
            if (!IPAddress.TryParse(written, out var configured))
            {
                // Out of Steeltoe's key, which takes a name, too. The address that goes with it is found out.
                name = written;
            }
            else
            {
                ip = configured.AddressFamily == AddressFamily.InterNetworkV6 ? configured.ToString() : written;
            }
        }

        return new AdvertisedAddress
        {
            // As in Steeltoe and Spring, the address takes the place of the name, also of a configured one.
            HostName = Hosts.Of(options.PreferIPAddress == true ? name ?? ip : options.HostName ?? host),
            IPAddress = ip,
            Port = plain is null ? null : options.Port ?? plain.Port,
            // The configured port is the one for callers; without plain HTTP it is the TLS port.
            SecurePort = secure is null ? null : plain is null ? options.Port ?? secure.Port : secure.Port,
        };
    }

    /// <summary>Ports that are registered only because they come first: Kestrel sorts its configured endpoints by name, so that
    /// "Management" comes before "Web".</summary>
    public static IReadOnlyList<PortGuess> Guesses(IEnumerable<string> listening, EurekaOptions options)
    {
        var bindings = Candidates(listening);
        List<PortGuess> guesses = [];
        if (options.Port is null && options.PortEnabled != false)
        {
            Add(Uri.UriSchemeHttp, "ports", "Mesh:Discovery:Eureka:Port");
        }

        // Without plain HTTP, Port also sets the TLS port.
        var said = options.SecurePort
            ?? (bindings.Exists(static binding => IsOf(binding, Uri.UriSchemeHttp)) ? null : options.Port);
        if (said is null && options.SecurePortEnabled != false)
        {
            Add(Uri.UriSchemeHttps, "TLS ports", "Mesh:Discovery:Eureka:SecurePort");
        }

        return guesses;

        void Add(string scheme, string kind, string setting)
        {
            // One port may have several addresses, such as one of IPv4 and one of IPv6.
            int[] ports = [.. bindings.Where(binding => IsOf(binding, scheme)).Select(static binding => binding.Port).Distinct()];
            if (ports.Length > 1)
            {
                int[] sorted = [.. ports.Order()];
                guesses.Add(new(setting, ports[0], $"{kind} {string.Join(", ", sorted[..^1])} and {sorted[^1]}"));
            }
        }
    }

    /// <summary>The bindings over TCP that callers may reach, in the server's order.</summary>
    private static List<BindingAddress> Candidates(IEnumerable<string> listening)
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

        // A loopback port next to a public one is for this machine only (administration, probes): callers elsewhere cannot reach it.
        if (bindings.Exists(binding => !IsLoopback(binding.Host)))
        {
            bindings.RemoveAll(binding => IsLoopback(binding.Host));
        }

        return bindings;
    }

    private static bool IsOf(BindingAddress binding, string scheme) => binding.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    private static (string Host, string IPAddress) HostOf(string listening, MachineAddress machine)
    {
        if (IPAddress.TryParse(listening, out var ip))
        {
            return Hosts.IsAny(ip) ? (machine.HostName, machine.Address)
                : (Hosts.Of(ip), ip.ToString());
        }

        return listening is "+" or "*" ? (machine.HostName, machine.Address)
            : IsLoopback(listening) ? (Loopback, Loopback)
            : (listening, machine.Address);
    }

    /// <summary>As callers see it; this includes names under <c>.localhost</c>, for which Kestrel listens on loopback.</summary>
    private static bool IsLoopback(string host) => EndpointPolicy.IsLoopbackHost(host);
}
