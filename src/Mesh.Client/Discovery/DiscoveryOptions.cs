namespace Mesh.Client;

/// <summary>Where endpoints come from, beside those configured by hand.</summary>
public sealed class DiscoveryOptions
{
    /// <summary>A Eureka-protocol registry.</summary>
    public EurekaOptions Eureka { get; set; } = new();

    /// <summary>How long endpoints are kept although the registry now lists none for the service (a restarted, still empty registry does that).</summary>
    /// <value>Default 5 min; 0 to 365 days.</value>
    public TimeSpan EmptyRegistryGrace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the start of the application waits for the first answer of the registry.</summary>
    /// <value>Default 2 s; 0 (not at all) to 24 h. The application starts without an answer, too.</value>
    public TimeSpan StartupWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A file that remembers what the registry listed, so that the application starts and routes while every registry is down.</summary>
    /// <value>Default none. A relative path is below the working directory. Its directory must exist, and the application may write there.</value>
    /// <remarks>It says where this application connects to: only its own user may be able to write to it. What is read from it is judged as what a registry says.</remarks>
    public string? SnapshotFile { get; set; }

    /// <summary>How old <see cref="SnapshotFile"/> may be to be used.</summary>
    /// <value>Default 24 h; 1 min to 365 days.</value>
    public TimeSpan SnapshotMaxAge { get; set; } = TimeSpan.FromHours(24);
}
