namespace Mesh.Client;

/// <summary>How to talk to a Eureka v2 registry (Netflix Eureka, Spring Cloud, Mesh.Registry).</summary>
/// <remarks>Steeltoe's keys (<c>Eureka:Client:*</c>, <c>Eureka:Instance:*</c>) are read where the key here is not set.</remarks>
public sealed class EurekaOptions
{
    /// <summary>Addresses of the registry, tried in order.</summary>
    /// <value>Default none: no registry. Example <c>http://localhost:8761/eureka/</c>.</value>
    public IList<string> ServiceUrls { get; set; } = [];

    /// <summary>Whether endpoints are read from the registry.</summary>
    /// <value>Default true.</value>
    public bool? Fetch { get; set; }

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

    /// <summary>Whether endpoints are reached (and this application is registered) by address instead of host name.</summary>
    /// <value>Default false.</value>
    public bool? PreferIPAddress { get; set; }

    /// <summary>The port that others connect to.</summary>
    /// <value>Default: the one the server listens on; 1 to 65535.</value>
    public int? Port { get; set; }

    /// <summary>Metadata published with the registration, beside the labels of <c>Mesh:Service</c>.</summary>
    public IDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
