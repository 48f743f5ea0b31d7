namespace Mesh.Client.Registration;

/// <summary>Whether callers should go elsewhere, because this process is not ready yet or has begun to leave, and whether there are callers
/// that need time to notice. Shared by the life cycle and the server middleware.</summary>
internal sealed class DrainState
{
    private volatile bool _draining;
    private volatile bool _hasCallers;
    private volatile bool _warmingUp;
    private volatile bool _watched;

    public bool IsDraining => _draining;

    /// <summary>Whether it listens but is not ready. A caller may still know its address from before a restart.</summary>
    public bool IsWarmingUp
    {
        get => _warmingUp;
        set => _warmingUp = value;
    }

    /// <summary>Whether there was a caller with the mesh, which understands <c>mesh-draining</c>.</summary>
    public bool HasCallers => _hasCallers;

    /// <summary>Called with each request of such a caller. Writes only once, so that processors do not contend for the cache
    /// line.</summary>
    public void NoteCaller()
    {
        if (!_hasCallers)
        {
            _hasCallers = true;
        }
    }

    /// <summary>Whether a load balancer or an orchestrator reads the readiness of this process.</summary>
    public bool IsWatched => _watched;

    /// <summary>Called each time readiness is read.</summary>
    public void NoteWatcher()
    {
        if (!_watched)
        {
            _watched = true;
        }
    }

    public void Begin() => _draining = true;
}
