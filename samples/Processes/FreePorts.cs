using System.Net;
using System.Net.Sockets;

namespace Samples.Processes;

/// <summary>Finds free ports.</summary>
internal static class FreePorts
{
    // Below the ranges from which Linux, macOS and Windows take the ports of outgoing connections: nothing can take
    // the port of an instance while it is being restarted.
    private const int First = 20000;
    private const int Last = 32000;

    public static Queue<int> Find(int count)
    {
        var found = new Queue<int>();
        var start = Random.Shared.Next(First, Last);
        for (var i = 0; i < Last - First && found.Count < count; i++)
        {
            var port = First + ((start - First + i) % (Last - First));
            if (IsFree(port))
            {
                found.Enqueue(port);
            }
        }

        return found.Count == count ? found : throw new DemoException($"Fewer than {count} free ports between {First} and {Last}.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
