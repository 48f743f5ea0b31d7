namespace Mesh.Client;

/// <summary>How to talk to a Eureka v2 registry (Netflix Eureka, Spring Cloud, Mesh.Registry).</summary>
/// <remarks>Steeltoe's keys (<c>Eureka:Client:*</c>, <c>Eureka:Instance:*</c>) are read where the key here is not set.</remarks>
public sealed class EurekaOptions
{
    /// <summary>Addresses of the registry, tried in order.</summary>
    /// <value>Default none: no registry. Example <c>http://localhost:8761/eureka/</c>.</value>
    public IList<string> ServiceUrls { get; set; } = [];

    /// <summary>Addresses of the registry's servers by zone, beside <see cref="ServiceUrls"/>.</summary>
    /// <value>Default none. Those of this application's zone (<c>Mesh:Service:Zone</c>) are tried first, then <see cref="ServiceUrls"/>, then the other zones.</value>
    public IDictionary<string, IList<string>> ZoneServiceUrls { get; set; } = new Dictionary<string, IList<string>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the servers of this application's own zone are tried before all others.</summary>
    /// <value>Default true. With false they come after <see cref="ServiceUrls"/>, like every other zone.</value>
    public bool? PreferSameZone { get; set; }

    /// <summary>How long a server that failed is asked only after all others.</summary>
    /// <value>Default 5 min; 0 (not at all) to 24 h. Forgotten early when more than two thirds of the servers are in it.</value>
    public TimeSpan? ServerQuarantine { get; set; }

    /// <summary>The proxy that requests to the registry go through.</summary>
    /// <value>Default none. Example <c>http://user:password@proxy:3128</c>.</value>
    public string? Proxy { get; set; }

    /// <summary>Whether endpoints are read from the registry.</summary>
    /// <value>Default true.</value>
    public bool? Fetch { get; set; }

    /// <summary>The only VIP addresses that are fetched.</summary>
    /// <value>Default none: the whole registry. With this or <see cref="Apps"/> all of it is read with each fetch, and all other services are unknown.</value>
    public IList<string> Vips { get; set; } = [];

    /// <summary>The only applications that are fetched, beside <see cref="Vips"/>; one request for each.</summary>
    /// <value>Default none: the whole registry.</value>
    public IList<string> Apps { get; set; } = [];

    /// <summary>Whether changes are fetched where possible, instead of everything each time.</summary>
    /// <value>Default true.</value>
    public bool? Delta { get; set; }

    /// <summary>Whether this application registers (if it serves HTTP).</summary>
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

    /// <summary>The longest time of one request to the registry.</summary>
    /// <value>Default 8 s; 1 ms to 24 h.</value>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>A file of certificates (PEM), one of which must have issued, directly or through others, the certificate of a registry on <c>https</c>.</summary>
    /// <value>Default none: the authorities that the machine trusts. With a file, only those in it; it is read again when it changes.</value>
    /// <remarks>There is no switch to leave the certificate unchecked: who can pose as the registry decides where this application connects to.</remarks>
    public string? CaFile { get; set; }

    /// <summary>The instance id under which this application registers.</summary>
    /// <value>Default <c>host:service:port</c>.</value>
    public string? InstanceId { get; set; }

    /// <summary>The host name that other instances connect to.</summary>
    /// <value>Default: the address the server listens on; where it listens on all, the machine's host name.</value>
    public string? HostName { get; set; }

    /// <summary>The address that goes with <see cref="HostName"/>.</summary>
    /// <value>Default: the machine's first address that is not loopback.</value>
    public string? IPAddress { get; set; }

    /// <summary>Whether this application registers its address as its host name.</summary>
    /// <value>Default false. With true the registered host is <see cref="IPAddress"/>, or the machine's, whatever <see cref="HostName"/> says.</value>
    /// <remarks>It is about the registration only. Use it where machine names do not resolve, as in Kubernetes.</remarks>
    public bool? PreferIPAddress { get; set; }

    /// <summary>Whether instances are called at the IP address that they registered, instead of their host name.</summary>
    /// <value>Default false.</value>
    /// <remarks>For callees that register names which do not resolve here. Some clients register a useless address: <c>127.0.0.1</c> is refused by the endpoint policy.</remarks>
    public bool? CallByIPAddress { get; set; }

    /// <summary>Whether an instance that has a port for plain HTTP and one for TLS is called over TLS, whatever the scheme of the call.</summary>
    /// <value>Default false: <c>http://</c> goes to the plain port and <c>https://</c> to the other one. True where the application has Steeltoe's section <c>Eureka</c>, since Steeltoe prefers the secure port.</value>
    /// <remarks>For one service, <c>RequireTls</c> does the same, and refuses instances without TLS.</remarks>
    public bool? PreferSecurePort { get; set; }

    /// <summary>The port that others connect to.</summary>
    /// <value>Default: the one the server listens on; 1 to 65535.</value>
    public int? Port { get; set; }

    /// <summary>The TLS port that others connect to.</summary>
    /// <value>Default: the one the server listens on; 1 to 65535.</value>
    public int? SecurePort { get; set; }

    /// <summary>Whether the port for plain HTTP is published as enabled.</summary>
    /// <value>Default: if the server listens on one.</value>
    public bool? PortEnabled { get; set; }

    /// <summary>Whether the TLS port is published as enabled.</summary>
    /// <value>Default: if the server listens on one.</value>
    public bool? SecurePortEnabled { get; set; }

    /// <summary>The names this application is called by over plain HTTP, separated by commas.</summary>
    /// <value>Default: the service name.</value>
    public string? VipAddress { get; set; }

    /// <summary>The names this application is called by over TLS, separated by commas.</summary>
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

    /// <summary>The page that tells the state of the instance.</summary>
    /// <value>Default <c>/info</c>. A path of the instance, or an absolute address.</value>
    public string? StatusPageUrl { get; set; }

    /// <summary>The health check of the instance.</summary>
    /// <value>Default <c>/health</c>. A path of the instance, or an absolute address.</value>
    public string? HealthCheckUrl { get; set; }

    /// <summary>The health check of the instance over TLS.</summary>
    /// <value>Default: the path of <see cref="HealthCheckUrl"/> on the TLS port, if there is one. A path of the instance, or an absolute address.</value>
    public string? SecureHealthCheckUrl { get; set; }

    /// <summary>The data centre that the instance runs in.</summary>
    public EurekaDataCenterOptions DataCenter { get; set; } = new();

    /// <summary>Whether the registration becomes <c>UP</c> by itself when the application is ready.</summary>
    /// <value>Default true. With false it stays <c>STARTING</c> until <see cref="IMeshRegistration.SetStatus"/>.</value>
    public bool? UpAtStart { get; set; }

    /// <summary>How the application's health checks change the registration.</summary>
    public EurekaHealthOptions Health { get; set; } = new();

    /// <summary>Metadata published with the registration, beside the labels of <c>Mesh:Service</c>.</summary>
    public IDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
