namespace Mesh.Client.Options;

/// <summary>Settings for a Eureka v2 registry (Netflix Eureka, Spring Cloud, Mesh.Registry).</summary>
/// <remarks>Steeltoe's keys (<c>Eureka:Client:*</c>, <c>Eureka:Instance:*</c>) apply if the key here is not set.</remarks>
public sealed class EurekaOptions
{
    /// <summary>Addresses of the registry, tried in order.</summary>
    /// <value>Default none: no registry. Example <c>http://localhost:8761/eureka/</c>.</value>
    public IList<string> ServiceUrls { get; set; } = [];

    /// <summary>Addresses of the registry's servers by zone, beside <see cref="ServiceUrls"/>.</summary>
    /// <value>Default none. Those of this application's zone (<c>Mesh:Service:Zone</c>) are tried first, then <see cref="ServiceUrls"/>,
    /// then the other zones.</value>
    public IDictionary<string, IList<string>> ZoneServiceUrls { get; set; } = new Dictionary<string, IList<string>>(
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the servers of this application's own zone are tried before all others.</summary>
    /// <value>Default true. With false they come after <see cref="ServiceUrls"/>, like every other zone.</value>
    public bool? PreferSameZone { get; set; }

    /// <summary>How long a failed server is asked last.</summary>
    /// <value>Default 5 min; 0 (not at all) to 24 h. Ends early for all if two thirds of the servers or more are in it.</value>
    public TimeSpan? ServerQuarantine { get; set; }

    /// <summary>Proxy for requests to the registry.</summary>
    /// <value>Default none; proxy variables of the environment are ignored. Example <c>http://user:password@proxy:3128</c>.</value>
    public string? Proxy { get; set; }

    /// <summary>Whether endpoints are read from the registry.</summary>
    /// <value>Default true.</value>
    public bool? Fetch { get; set; }

    /// <summary>VIP addresses to fetch instead of the whole registry.</summary>
    /// <value>Default none: the whole registry. With this or <see cref="Apps"/>, each fetch reads all of them in full, and all other
    /// services are unknown.</value>
    public IList<string> Vips { get; set; } = [];

    /// <summary>Applications to fetch instead of the whole registry, beside <see cref="Vips"/>. One request for each.</summary>
    /// <value>Default none: the whole registry.</value>
    public IList<string> Apps { get; set; } = [];

    /// <summary>Whether only changes are fetched where the server supports it.</summary>
    /// <value>Default true.</value>
    public bool? Delta { get; set; }

    /// <summary>Whether this application registers, if it serves HTTP.</summary>
    /// <value>Default true.</value>
    public bool? Register { get; set; }

    /// <summary>The time between two fetches, jittered by a tenth.</summary>
    /// <value>Default 30 s; 100 ms to 24 h.</value>
    public TimeSpan? FetchInterval { get; set; }

    /// <summary>The time between two heartbeats, jittered by a tenth.</summary>
    /// <value>Default 30 s; 100 ms to 24 h.</value>
    public TimeSpan? HeartbeatInterval { get; set; }

    /// <summary>How long the registry keeps the registration without a heartbeat.</summary>
    /// <value>Default 90 s; more than <see cref="HeartbeatInterval"/>, up to 24 h.</value>
    public TimeSpan? LeaseDuration { get; set; }

    /// <summary>Maximum time of one request to the registry, body included.</summary>
    /// <value>Default 8 s; 1 ms to 24 h.</value>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>PEM file with the certificate authorities to trust for an <c>https</c> registry.</summary>
    /// <value>Default none: the machine's trust store. With a file, only its authorities are
    /// trusted. It is read for each new connection.</value>
    /// <remarks>The certificate check cannot be turned off: an impostor of the registry could send this application anywhere.</remarks>
    public string? CaFile { get; set; }

    /// <summary>The instance id under which this application registers.</summary>
    /// <value>Default <c>host:service:port</c>.</value>
    public string? InstanceId { get; set; }

    /// <summary>Host name that callers connect to.</summary>
    /// <value>Default: the address the server listens on; the machine's host name if it listens on all.</value>
    public string? HostName { get; set; }

    /// <summary>IP address to publish with <see cref="HostName"/>.</summary>
    /// <value>Default: the machine's first address that is not loopback.</value>
    public string? IPAddress { get; set; }

    /// <summary>Whether this application registers its IP address in place of its host name.</summary>
    /// <value>Default false. With true the registered host is <see cref="IPAddress"/>, or the machine's,
    /// and <see cref="HostName"/> is ignored.</value>
    /// <remarks>It affects the registration only. Use it where machine names do not resolve, as in Kubernetes.</remarks>
    public bool? PreferIPAddress { get; set; }

    /// <summary>Whether instances are called at their registered IP address instead of their host name.</summary>
    /// <value>Default false.</value>
    /// <remarks>Use it if the registered names do not resolve here. Some clients register <c>127.0.0.1</c>, which the endpoint policy
    /// refuses.</remarks>
    public bool? CallByIPAddress { get; set; }

    /// <summary>Whether an instance with a plain port and a TLS port is always called over TLS, whatever the scheme of the call.</summary>
    /// <value>Default false: <c>http://</c> goes to the plain port and <c>https://</c> to the TLS port. True if the application has
    /// Steeltoe's section <c>Eureka</c>, since Steeltoe prefers the secure port.</value>
    /// <remarks>For one service, <c>RequireTls</c> does the same, and refuses instances without TLS.</remarks>
    public bool? PreferSecurePort { get; set; }

    /// <summary>Port that callers connect to.</summary>
    /// <value>Default: the one the server listens on; 1 to 65535.</value>
    public int? Port { get; set; }

    /// <summary>TLS port that callers connect to.</summary>
    /// <value>Default: the one the server listens on; 1 to 65535.</value>
    public int? SecurePort { get; set; }

    /// <summary>Whether the port for plain HTTP is published as enabled.</summary>
    /// <value>Default: if the server listens on one.</value>
    public bool? PortEnabled { get; set; }

    /// <summary>Whether the TLS port is published as enabled.</summary>
    /// <value>Default: if the server listens on one.</value>
    public bool? SecurePortEnabled { get; set; }

    /// <summary>Names that callers use for this application over plain HTTP, separated by commas.</summary>
    /// <value>Default: the service name.</value>
    public string? VipAddress { get; set; }

    /// <summary>Names that callers use for this application over TLS, separated by commas.</summary>
    /// <value>Default: the service name.</value>
    public string? SecureVipAddress { get; set; }

    /// <summary>The group of applications that this one belongs to.</summary>
    /// <value>Default none.</value>
    public string? AppGroup { get; set; }

    /// <summary>The auto-scaling group that the instance belongs to.</summary>
    /// <value>Default none.</value>
    public string? AutoScalingGroup { get; set; }

    /// <summary>The page that the registry links to.</summary>
    /// <value>Default <c>/</c>. A path of the instance, or an absolute address.</value>
    public string? HomePageUrl { get; set; }

    /// <summary>The page with the state of the instance.</summary>
    /// <value>Default <c>/info</c>. A path of the instance, or an absolute address.</value>
    public string? StatusPageUrl { get; set; }

    /// <summary>The health check of the instance.</summary>
    /// <value>Default <c>/health</c>. A path of the instance, or an absolute address.</value>
    public string? HealthCheckUrl { get; set; }

    /// <summary>The health check of the instance over TLS.</summary>
    /// <value>Default: the path of <see cref="HealthCheckUrl"/> on the TLS port, if there is one. A path of
    /// the instance, or an absolute address.</value>
    public string? SecureHealthCheckUrl { get; set; }

    /// <summary>The data centre that the instance runs in.</summary>
    public EurekaDataCenterOptions DataCenter { get; set; } = new();

    /// <summary>Whether the registration becomes <c>UP</c> by itself when the application is ready.</summary>
    /// <value>Default true. With false it stays <c>STARTING</c> until <see cref="IMeshRegistration.SetStatus"/>.</value>
    public bool? UpAtStart { get; set; }

    /// <summary>How the application's health checks change the registration.</summary>
    public EurekaHealthOptions Health { get; set; } = new();

    /// <summary>Metadata published with the registration, beside the labels of <c>Mesh:Service</c>.</summary>
    /// <value>Default none.</value>
    public IDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
