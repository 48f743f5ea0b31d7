namespace Mesh.Client.Options;

/// <summary>Discovery: where endpoints come from, beside the configured ones.</summary>
public sealed class DiscoveryOptions
{
    /// <summary>A Eureka-protocol registry.</summary>
    public EurekaOptions Eureka { get; set; } = new();

    /// <summary>How long instances are kept after a full answer of the registry no longer lists them. A registry lists none when it was
    /// restarted and is still empty.</summary>
    /// <value>Default 5 min; 0 (removed at once) to 365 days.</value>
    public TimeSpan EmptyRegistryGrace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Maximum time that the start of the application waits for the first answer of the registry.</summary>
    /// <value>Default 2 s; 0 (not at all) to 24 h. The application starts without an answer, too.</value>
    public TimeSpan StartupWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>File with the last answer of the registry, so that the application can start and make
    /// calls while every registry is down.</summary>
    /// <value>Default none. A relative path is below the working directory. Its directory must
    /// exist, and the application may write there.</value>
    /// <remarks>The file decides where this application connects to, so only its own user may be able to write it. Its content must pass
    /// the same checks as an answer of a registry.</remarks>
    public string? SnapshotFile { get; set; }

    /// <summary>Maximum age of <see cref="SnapshotFile"/>.</summary>
    /// <value>Default 24 h; 1 min to 365 days.</value>
    public TimeSpan SnapshotMaxAge { get; set; } = TimeSpan.FromHours(24);
}
