namespace Mesh.Client.Options;

/// <summary>All settings of the mesh: section <c>Mesh</c> of the configuration.</summary>
/// <remarks>Unknown keys and invalid values stop the start with a list of all mistakes. All settings reload.</remarks>
public sealed class MeshOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Mesh";

    /// <summary>Whether the mesh is on.</summary>
    /// <value>Default true. False: clients work as without <c>AddMesh()</c>, nothing is registered, fetched or probed, and requests to the
    /// server pass through.</value>
    /// <remarks>For tests, and to find out whether the mesh causes a problem. Without the mesh, service names go to DNS.</remarks>
    public bool Enabled { get; set; } = true;

    /// <summary>How to treat handlers that do the same work as the mesh: those of Microsoft.Extensions.Http.Resilience,
    /// Microsoft.Extensions.Http.Polly, Microsoft.Extensions.ServiceDiscovery and Steeltoe's discovery.</summary>
    /// <value>Default <see cref="StackedHandlers.Warn"/>.</value>
    public StackedHandlers StackedHandlers { get; set; }

    /// <summary>Name, version, zone and labels of this application.</summary>
    public ServiceIdentityOptions Service { get; set; } = new();

    /// <summary>A DNS suffix: hosts below it are services.</summary>
    /// <value>Default none: only single-label hosts (<c>http://orders</c>) and configured names are services. With <c>mesh.local</c>,
    /// <c>http://orders.mesh.local</c> is the service <c>orders</c>.</value>
    public string? Domain { get; set; }

    /// <summary>Discovery: where endpoints come from.</summary>
    public DiscoveryOptions Discovery { get; set; } = new();

    /// <summary>Defaults for all services.</summary>
    public ServiceOptions Defaults { get; set; } = new();

    /// <summary>Settings by service name. A host listed here is a service, even if it looks like a DNS name.</summary>
    /// <value>Default none.</value>
    public IDictionary<string, ServiceOptions> Services { get; set; } = new Dictionary<string, ServiceOptions>(
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The operator's last word: settings that count more than those of every source.</summary>
    public OverrideOptions Override { get; set; } = new();

    /// <summary>Context that calls pass on from service to service.</summary>
    public ContextOptions Context { get; set; } = new();

    /// <summary>Which callers this application's server trusts.</summary>
    public InboundOptions Inbound { get; set; } = new();

    /// <summary>When this application registers, and how it stops.</summary>
    public LifecycleOptions Lifecycle { get; set; } = new();

    /// <summary>Limits on where the application connects to.</summary>
    public SecurityOptions Security { get; set; } = new();

    /// <summary>Optional metrics tags and logs.</summary>
    public TelemetryOptions Telemetry { get; set; } = new();
}
