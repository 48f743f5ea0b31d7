namespace Mesh.Client;

/// <summary>Where endpoints come from: a registry, a file, an orchestrator. Register an implementation as a singleton to add one.</summary>
public interface IEndpointSource
{
    /// <summary>A short name for messages and logs, such as <c>eureka</c>.</summary>
    string Name { get; }

    /// <summary>Watches the source and publishes what it learns, until stopped. Started in the background; must not block.</summary>
    /// <param name="sink">Takes what the source learns.</param>
    /// <param name="stoppingToken">Cancelled when the application stops.</param>
    /// <returns>A task that ends when the source has stopped.</returns>
    /// <remarks>A source keeps its last good answer on any failure: it publishes only what it believes.</remarks>
    Task RunAsync(IEndpointSink sink, CancellationToken stoppingToken);
}
