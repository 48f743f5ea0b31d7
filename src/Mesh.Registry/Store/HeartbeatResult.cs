namespace Mesh.Registry.Store;

/// <summary>The result of a heartbeat.</summary>
internal enum HeartbeatResult
{
    Renewed,

    /// <summary>The sender must register again: the instance or its state is unknown here, or the sender has a newer
    /// registration.</summary>
    Unknown,

    /// <summary>Another registry has an older registration than this one, and gets the newer one.</summary>
    PeerIsOlder,
}
