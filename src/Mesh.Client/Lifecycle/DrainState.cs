namespace Mesh.Client.Lifecycle;

/// <summary>Whether this process has begun to leave. Set once by the life cycle, read by the server middleware.</summary>
internal sealed class DrainState
{
    private volatile bool _draining;

    public bool IsDraining => _draining;

    public void Begin() => _draining = true;
}
