using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Connections of an endpoint that were replaced and are still to be closed. Closing ends the idle ones at once, and each other
/// one after its last request and body.</summary>
internal sealed class ReplacedTransports
{
    /// <summary>Longer than any call may take between choosing its connections and sending: a request about to be sent on closed ones
    /// would fail.</summary>
    private static readonly TimeSpan CloseDelay = TimeSpan.FromSeconds(5);

    // Guards the list: a timer and the end of the endpoint may both close.
    private readonly Lock _gate = new();
    private readonly List<EndpointTransport> _open = [];

    /// <summary>Closes these connections a little later.</summary>
    public void Add(EndpointTransport transport)
    {
        ITimer? timer = null;
        timer = transport.Settings.Time.CreateUnboundTimer(
            _ =>
            {
                timer!.Dispose();
                Close(transport);
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            _open.Add(transport);
        }

        timer.Change(CloseDelay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Closes all of them now.</summary>
    public void Close()
    {
        EndpointTransport[] all;
        lock (_gate)
        {
            all = [.. _open];
            _open.Clear();
        }

        foreach (var transport in all)
        {
            transport.Close(forGood: true);
        }
    }

    private void Close(EndpointTransport transport)
    {
        lock (_gate)
        {
            _open.Remove(transport);
        }

        transport.Close(forGood: true);
    }
}
