using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Decides when to replace connections that many requests share (HTTP/2): they may be dead without having been closed, and the
/// runtime keeps using them while they are open. HTTP/1.1 does not need this: a request that is abandoned closes its connection.</summary>
/// <remarks>
/// The evidence is a request without an answer while no other request had one either. A server that is alive but slow looks the same; it
/// costs such a server a new connection, less and less often: after 1 s, 2 s and so on up to 30 s. Pings would tell the difference, but
/// gRPC servers end the streams of clients that ping often.
/// </remarks>
internal sealed class SilenceWatch
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    /// <summary>A cancelled request counts only if it has waited for a while: callers may have short deadlines.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private long _answered = MeshTime.LongAgo.Micros;
    private MeshTime _replaced = MeshTime.LongAgo;
    private TimeSpan _pause;

    /// <summary>Notes that the endpoint has answered. Racing threads may leave the earlier of two moments, which is good enough.</summary>
    public void Answered(MeshTime now) => MeshTime.Write(ref _answered, now);

    /// <summary>Judges an abandoned request, and notes that the connections are replaced. The caller holds the lock that guards
    /// them.</summary>
    /// <param name="start">When it was sent.</param>
    /// <param name="now">When it was given up.</param>
    /// <param name="timedOut">Whether its own time was over; false when its caller ended it.</param>
    public bool TryReplace(MeshTime start, MeshTime now, bool timedOut)
    {
        // A request sent before the last replacement was on other connections.
        if (start < _replaced || start <= MeshTime.Read(ref _answered) || (!timedOut && now - start < Patience))
        {
            return false;
        }

        var since = now - _replaced;
        if (since < _pause)
        {
            return false;
        }

        _pause = since > 2 * MaxPause ? FirstPause : Duration.Min(2 * _pause, MaxPause);
        _replaced = now;
        return true;
    }
}
