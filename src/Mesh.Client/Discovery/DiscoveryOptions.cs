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
}
