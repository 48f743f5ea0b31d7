using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>What this machine is called, for servers that listen on all of its addresses.</summary>
internal sealed record MachineAddress(string HostName, string IPv4)
{
    /// <summary>Asks the operating system; no DNS query.</summary>
    public static MachineAddress Find()
    {
        var address = NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(ip => ip.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(ip));
        return new MachineAddress(Dns.GetHostName(), address?.ToString() ?? "127.0.0.1");
    }
}
