using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.Registration;

/// <summary>Hosts in the form used in addresses, to which callers append the port.</summary>
internal static class Hosts
{
    public static string Of(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    /// <summary>A name unchanged; an IPv6 address in brackets.</summary>
    public static string Of(string host) =>
        IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? Of(address) : host;

    /// <summary>Whether it stands for all addresses of a machine, in either family.</summary>
    public static bool IsAny(IPAddress address) =>
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address) is var plain
        && (plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any));
}
