namespace Mesh.Registry.Store;

/// <summary>What became of a heartbeat.</summary>
internal enum HeartbeatResult
{
    Renewed,

    /// <summary>The sender must register again: the instance or its state is unknown here, or the sender has a newer
    /// registration.</summary>
    Unknown,

    /// <summary>Another registry has an older registration than this one, and is told the newer.</summary>
    PeerIsOlder,
}
