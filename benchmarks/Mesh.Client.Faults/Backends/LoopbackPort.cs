using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.Faults.Backends;

/// <summary>Free ports on loopback, each handed out once in a process.</summary>
/// <remarks>They lie below the range from which the system takes the local ports of outgoing connections. A dead port inside that range can
/// be taken by a connection, even by the one that dials it, which then talks to itself.</remarks>
internal static class LoopbackPort
{
    private const int First = 20_000;
    private const int Last = 29_999;

    private static readonly HashSet<int> Taken = [];

    public static int Take()
    {
        // One caller at a time looks at and adds to the set.
        lock (Taken)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, Last + 1);
                if (Taken.Add(port) && IsFree(port))
                {
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
