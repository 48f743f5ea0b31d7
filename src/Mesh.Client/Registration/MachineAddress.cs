using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Mesh.Client.Registration;

/// <summary>Name and address of this machine, for servers that listen on all of its addresses.</summary>
/// <param name="HostName">Its name, or its address if it has no name that others know it by.</param>
/// <param name="Address">Its address: IPv4 if it has one.</param>
internal sealed record MachineAddress(string HostName, string Address)
{
    /// <summary>Asks the operating system; makes no DNS query, and sends nothing.</summary>
    public static MachineAddress Find() => From(Dns.GetHostName(), Addresses());

    /// <param name="name">The machine's name.</param>
    /// <param name="addresses">Its addresses in the order of the operating system.</param>
    internal static MachineAddress From(string name, IReadOnlyList<IPAddress> addresses)
    {
        // With IPv6 only, a loopback address would send every caller to itself.
        var address = addresses.FirstOrDefault(static ip => ip.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(ip))
            ?? addresses.FirstOrDefault(
                static ip => ip.AddressFamily == AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(ip) && !ip.IsIPv6LinkLocal)
            ?? IPAddress.Loopback;
        return new MachineAddress(IsName(name) ? name : Hosts.Of(address), address.ToString());
    }

    /// <summary>Whether others can use it as the name of this machine: without a name, systems report "(none)" or "localhost". A number
    /// alone (as some container ids are) would be read as an address.</summary>
    private static bool IsName(string name) =>
        Uri.CheckHostName(name) is UriHostNameType.Dns
        && !name.All(char.IsAsciiDigit)
        && !name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        && !name.StartsWith("localhost.", StringComparison.OrdinalIgnoreCase);

    private static List<IPAddress> Addresses()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(static card => card.OperationalStatus == OperationalStatus.Up
                        && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                    .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
                    .Select(static unicast => unicast.Address),
            ];
        }
        catch (Exception failure) when (failure is NetworkInformationException or PlatformNotSupportedException
            or UnauthorizedAccessException or IOException)
        {
            // Services are often confined so that they cannot list the interfaces (systemd: RestrictAddressFamilies without AF_NETLINK).
            return [.. new[] { OnTheWayTo("192.0.2.1"), OnTheWayTo("2001:db8::1") }.OfType<IPAddress>()];
        }
    }

    /// <summary>The address from which the machine would send to an address reserved for documentation. Connecting a datagram socket sends
    /// nothing.</summary>
    private static IPAddress? OnTheWayTo(string documentation)
    {
        try
        {
            var there = new IPEndPoint(IPAddress.Parse(documentation), 9);
            using var socket = new Socket(there.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(there);
            return (socket.LocalEndPoint as IPEndPoint)?.Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
