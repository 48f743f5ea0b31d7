using System.Net;

namespace Mesh.Client.Model;

/// <summary>Addresses that no source may name: no service of an application is there, but much that its requests must not reach.</summary>
/// <remarks>Ranges by the IANA special-purpose registries (RFC 6890); metadata addresses by the clouds' own documentation. IPv4-mapped
/// addresses are judged as the IPv4 address that they stand for; the other ways to write an IPv4 address as IPv6 are refused
/// altogether.</remarks>
internal static class DeniedNetworks
{
    private static readonly (IPNetwork Network, string Rule)[] All =
    [
        (IPNetwork.Parse("169.254.0.0/16"), "is link-local, where clouds keep their metadata and credentials"),
        (IPNetwork.Parse("fe80::/10"), "is link-local"),
        (IPNetwork.Parse("100.100.100.200/32"), "is a cloud's metadata service"),
        (IPNetwork.Parse("168.63.129.16/32"), "is a cloud's metadata service"),
        (IPNetwork.Parse("192.0.0.192/32"), "is a cloud's metadata service"),
        (IPNetwork.Parse("fd00:ec2::/32"), "is a cloud's metadata service"),
        (IPNetwork.Parse("fd00:a9fe:a9fe::/48"), "is a cloud's metadata service"),
        (IPNetwork.Parse("fd00:42::42/128"), "is a cloud's metadata service"),
        (IPNetwork.Parse("fd00:c1::a9fe:a9fe/128"), "is a cloud's metadata service"),
        (IPNetwork.Parse("fd00:100::100:200/128"), "is a cloud's metadata service"),
        (IPNetwork.Parse("fd20:ce::254/128"), "is a cloud's metadata service"),
        (IPNetwork.Parse("0.0.0.0/8"), "means this machine or no machine at all"),
        (IPNetwork.Parse("224.0.0.0/4"), "is multicast"),
        (IPNetwork.Parse("ff00::/8"), "is multicast"),
        (IPNetwork.Parse("240.0.0.0/4"), "is reserved"),
        (IPNetwork.Parse("::/96"), "is unspecified or an IPv4 address written as IPv6"),
        (IPNetwork.Parse("::ffff:0:0:0/96"), "is an IPv4 address written as IPv6"),
        (IPNetwork.Parse("64:ff9b::/96"), "is an IPv4 address written as IPv6 (NAT64)"),
        (IPNetwork.Parse("64:ff9b:1::/48"), "is an IPv4 address written as IPv6 (NAT64)"),
        (IPNetwork.Parse("2002::/16"), "is an IPv4 address written as IPv6 (6to4)"),
        (IPNetwork.Parse("2001::/32"), "is an IPv4 address written as IPv6 (Teredo)"),
    ];

    /// <param name="address">Not an IPv4-mapped one, and not loopback.</param>
    /// <returns>The rule it breaks, or null.</returns>
    public static string? Find(IPAddress address)
    {
        foreach (var (network, rule) in All)
        {
            if (network.Contains(address))
            {
                return rule;
            }
        }

        return null;
    }
}
