namespace Mesh.Client;

/// <summary>A source of endpoints: a registry, a file, an orchestrator. Register an implementation as a singleton to add one.</summary>
public interface IEndpointSource
{
    /// <summary>A short name for messages and logs, such as <c>eureka</c>.</summary>
    string Name { get; }

    /// <summary>Watches the source and publishes its endpoints until it is stopped. Called once, in the background; must not
    /// block.</summary>
    /// <param name="sink">Receives the endpoints.</param>
    /// <param name="stoppingToken">Cancelled when the application stops.</param>
    /// <returns>A task that ends when the source has stopped.</returns>
    /// <remarks>After a failure publish nothing: the last good answer stays in use.</remarks>
    Task RunAsync(IEndpointSink sink, CancellationToken stoppingToken);
}
