namespace Mesh.Client;

/// <summary>Everything that section <c>Mesh</c> of the configuration holds.</summary>
/// <remarks>Unknown or unusable keys stop the application at start with a list of every mistake. All of it reloads.</remarks>
public sealed class MeshOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Mesh";

    /// <summary>Whether the mesh does anything at all.</summary>
    /// <value>Default true. False: each client is as it would be without <c>AddMesh()</c>, nothing is registered, fetched or probed, and requests to the server pass through.</value>
    /// <remarks>Meant for tests, and for operators who want to know whether the mesh is to blame. Service names then go to DNS.</remarks>
    public bool Enabled { get; set; } = true;

    /// <summary>What becomes of handlers that do the mesh's work a second time: those of Microsoft.Extensions.Http.Resilience, Microsoft.Extensions.Http.Polly,
    /// Microsoft.Extensions.ServiceDiscovery and Steeltoe's discovery.</summary>
    /// <value>Default <see cref="StackedHandlers.Warn"/>.</value>
    public StackedHandlers StackedHandlers { get; set; }

    /// <summary>Who this application is.</summary>
    public ServiceIdentityOptions Service { get; set; } = new();

    /// <summary>A DNS suffix under which hosts are looked up as services.</summary>
    /// <value>Default none: only single-label hosts (<c>http://orders</c>) and configured names are services. With <c>mesh.local</c>,
    /// <c>http://orders.mesh.local</c> is the service <c>orders</c>.</value>
    public string? Domain { get; set; }

    /// <summary>Where endpoints come from.</summary>
    public DiscoveryOptions Discovery { get; set; } = new();

    /// <summary>The settings of every service that does not set its own.</summary>
    public ServiceOptions Defaults { get; set; } = new();

    /// <summary>Settings by service name. A host that is listed here is a service, whatever it looks like.</summary>
    public IDictionary<string, ServiceOptions> Services { get; set; } = new Dictionary<string, ServiceOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>What travels from service to service.</summary>
    public ContextOptions Context { get; set; } = new();

    /// <summary>What this application's server believes.</summary>
    public InboundOptions Inbound { get; set; } = new();

    /// <summary>When this application registers, and how it leaves.</summary>
    public LifecycleOptions Lifecycle { get; set; } = new();

    /// <summary>What protects the application against those it talks to.</summary>
    public SecurityOptions Security { get; set; } = new();

    /// <summary>What the mesh measures.</summary>
    public TelemetryOptions Telemetry { get; set; } = new();
}
