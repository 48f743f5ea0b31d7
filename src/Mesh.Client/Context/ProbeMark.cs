namespace Mesh.Client.Context;

/// <summary>Notes whether a health check calls a service of the mesh.</summary>
internal sealed class ProbeMark
{
    private string? _called;

    /// <summary>The first service that was called, or null.</summary>
    public string? Called => Volatile.Read(ref _called);

    public void Note(string service) => Interlocked.CompareExchange(ref _called, service, null);
}
