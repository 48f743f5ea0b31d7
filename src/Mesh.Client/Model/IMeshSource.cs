namespace Mesh.Client;

/// <summary>Says something about services: a registry, a file, an orchestrator, a control plane. Register an implementation as a singleton
/// to add one.</summary>
public interface IMeshSource
{
    /// <summary>A short name for messages and logs, such as <c>eureka</c>. Two sources of one name are an error.</summary>
    string Name { get; }

    /// <summary>How much its word counts.</summary>
    /// <value>Default <see cref="MeshSourceRank.Registry"/>; or <see cref="MeshSourceRank.ControlPlane"/>. Others are an error.</value>
    MeshSourceRank Rank => MeshSourceRank.Registry;

    /// <summary>What it reads. Asked whenever a message needs it: must not block.</summary>
    /// <value>Default <see cref="MeshSourceStatus.Default"/>.</value>
    MeshSourceStatus Status => MeshSourceStatus.Default;

    /// <summary>Watches and publishes until it is stopped. Called once, in the background; must not block.</summary>
    /// <param name="sink">Receives what the source says.</param>
    /// <param name="stoppingToken">Cancelled when the application stops.</param>
    /// <returns>A task that ends when the source has stopped.</returns>
    /// <remarks>After a failure publish nothing: what was published last stays in use.</remarks>
    Task RunAsync(IMeshSink sink, CancellationToken stoppingToken);
}
