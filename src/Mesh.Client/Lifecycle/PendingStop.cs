namespace Mesh.Client.Lifecycle;

/// <summary>Somebody has told the application to stop while it starts: what can wait is left out, and it stops as soon as it has started.</summary>
internal sealed class PendingStop : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    /// <summary>Cancelled with the first signal that comes while the application starts.</summary>
    public CancellationToken Token => _source.Token;

    public bool IsRequested => _source.IsCancellationRequested;

    public void Request() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
