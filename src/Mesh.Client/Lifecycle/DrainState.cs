namespace Mesh.Client.Lifecycle;

/// <summary>Whether this process has begun to leave, and whether anybody should be given time to learn of it. Shared by the life cycle and the server middleware.</summary>
internal sealed class DrainState
{
    private volatile bool _draining;
    private volatile bool _hasCallers;

    public bool IsDraining => _draining;

    /// <summary>Whether somebody with the mesh has called, who understands the word of leaving.</summary>
    public bool HasCallers => _hasCallers;

    /// <summary>Called with each request of such a caller: writes once only, so that the processors do not fight for the line.</summary>
    public void NoteCaller()
    {
        if (!_hasCallers)
        {
            _hasCallers = true;
        }
    }

    public void Begin() => _draining = true;
}
