using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.Primitives;

/// <summary>The networks of trusted callers. Immutable.</summary>
internal sealed class TrustedNetworks
{
    private const int MappedBits = 96;

    private readonly IPNetwork[] _networks;

    public TrustedNetworks(IEnumerable<string> networks) => _networks = [.. networks.Select(text => Parse(text)!.Value)];

    /// <summary>Whether none are listed.</summary>
    public bool IsEmpty => _networks.Length == 0;

    public bool Contains(IPAddress? address)
    {
        if (address is null || _networks.Length == 0)
        {
            return false;
        }

        // The form in which a dual-stack socket reports an IPv4 peer.
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        foreach (var network in _networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a network is larger than any private one (RFC 1918: /8, RFC 4193: /7), so that it certainly contains untrusted
    /// callers.</summary>
    public static bool IsVast(string text) =>
        Parse(text) is { } network && network.PrefixLength < (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 8 : 7);

    /// <summary>A network such as <c>10.0.0.0/8</c>, or a single address. Bits after the prefix are an error: <c>10.1.2.3/8</c> was
    /// probably meant as one host, or as <c>10.1.0.0/16</c>.</summary>
    /// <returns>Null when it is neither.</returns>
    public static IPNetwork? Parse(string? text)
    {
        if (text is null || text.Contains('%', StringComparison.Ordinal))
        {
            return null;
        }

        IPNetwork network;
        if (IPAddress.TryParse(text, out var single))
        {
            network = new IPNetwork(single, single.GetAddressBytes().Length * 8);
        }
        else if (!IPNetwork.TryParse(text, out network) || !network.BaseAddress.Equals(IPAddress.Parse(text.AsSpan(0, text.IndexOf('/')))))
        {
            return null;
        }

        return network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedBits
            ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedBits)
            : network;
    }
}
