namespace Mesh.Client.Lifecycle;

/// <summary>A stop signal arrived during the start: waits are skipped, and the application stops as soon as it has started.</summary>
internal sealed class PendingStop : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    /// <summary>Cancelled with the first signal that comes while the application starts.</summary>
    public CancellationToken Token => _source.Token;

    public bool IsRequested => _source.IsCancellationRequested;

    // Not on the signal's thread: code that waits for it continues with the start of the application.
    public void Request() => _ = _source.CancelAsync();

    public void Dispose() => _source.Dispose();
}
