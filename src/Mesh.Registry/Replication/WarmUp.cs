namespace Mesh.Registry.Replication;

/// <summary>
/// The time after a start without a peer to copy, in which this registry knows less than its clients: listings are refused until the
/// heartbeats of the instances have completed it again.
/// </summary>
internal sealed class WarmUp(RegistrySettings settings, TimeProvider time)
{
    private readonly long _startedAt = time.GetTimestamp();
    private volatile bool _isOver = settings.Peers.Length == 0;

    public bool IsOver
    {
        get
        {
            if (!_isOver && Left <= TimeSpan.Zero)
            {
                _isOver = true;
            }

            return _isOver;
        }
    }

    /// <summary>How long it lasts unless a peer is copied.</summary>
    public TimeSpan Left => settings.PeerSyncWait - time.GetElapsedTime(_startedAt);

    /// <summary>Ends it, because a peer was copied.</summary>
    public void End() => _isOver = true;
}
