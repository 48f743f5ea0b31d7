namespace Mesh.Client.Lifecycle;

/// <summary>Somebody has told the application to stop while it starts: what can wait is left out, and it stops as soon as it has started.</summary>
internal sealed class PendingStop : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    /// <summary>Cancelled with the first signal that comes while the application starts.</summary>
    public CancellationToken Token => _source.Token;

    public bool IsRequested => _source.IsCancellationRequested;

    // Not on the thread of the signal: what waits for it goes on with the start of the application.
    public void Request() => _ = _source.CancelAsync();

    public void Dispose() => _source.Dispose();
}
