namespace Mesh.Client;

/// <summary>How calls to one service are made. What is not set here comes from <c>Mesh:Defaults</c>, then from the built-in default.</summary>
public sealed class ServiceOptions
{
    /// <summary>Endpoints of the service, instead of discovery; an address alone may stand for one.</summary>
    /// <value>Default none. Not in <c>Mesh:Defaults</c>.</value>
    public IList<EndpointOptions> Endpoints { get; set; } = [];

    /// <summary>The longest time from the call to the response headers, over all attempts.</summary>
    /// <value>Default 10 s; from 1 ms to 24 h, or <c>-00:00:00.001</c> for none.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>The longest time of one attempt up to the response headers, while a further attempt is allowed.</summary>
    /// <value>Default: learned, max(250 ms, 4 x p99) once 100 answers were seen, none before; 1 ms to 24 h, at most the
    /// <see cref="Timeout"/> that applies where it is set. The last attempt always has the rest of <see cref="Timeout"/>.</value>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>How long a connection may hear nothing while it is opened: from the network, then from TLS. Waiting for connections that were begun before does not count.</summary>
    /// <value>Default 1 s; 1 ms to 24 h.</value>
    public TimeSpan? ConnectTimeout { get; set; }

    /// <summary>The longest time without a byte while a response body is read. Event streams and gRPC, which are silent by nature, have none.</summary>
    /// <value>Default 15 s; 1 ms to 24 h, or <c>-00:00:00.001</c> for none.</value>
    public TimeSpan? BodyIdleTimeout { get; set; }

    /// <summary>Which host name requests carry.</summary>
    /// <value>Default <see cref="Client.HostHeader.Auto"/>.</value>
    public HostHeader? HostHeader { get; set; }

    /// <summary>Whether only endpoints that speak TLS are used, whatever a registry says of them.</summary>
    /// <value>Default false: a request goes out as it was called, and a registry may raise it to TLS. A request called with <c>https</c> never goes out without
    /// TLS, whatever stands here.</value>
    public bool? RequireTls { get; set; }

    /// <summary>The name that the certificate of every endpoint must be for, whatever a registry says of them. Requests carry it as their host.</summary>
    /// <value>A DNS name. Default none: the name of the endpoint's own, by its address or its source. Not in <c>Mesh:Defaults</c>.</value>
    /// <remarks>Set, it also means <see cref="RequireTls"/>: an instance that somebody else registers under the service's name gets no request.</remarks>
    public string? TlsName { get; set; }

    /// <summary>Whether calls carry the call context: the headers of the mesh, and listed baggage.</summary>
    /// <value>Default true. False for a service that is somebody else's, and is listed for its endpoints, retries and timeouts only.</value>
    /// <remarks>What it says of itself in turn (load, draining) is said only to callers that name themselves, so it is not said then.</remarks>
    public bool? SendContext { get; set; }

    /// <summary>Which credentials calls carry.</summary>
    public CredentialsOptions Credentials { get; set; } = new();

    /// <summary>Retries.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>Load balancing.</summary>
    public LoadBalancingOptions LoadBalancing { get; set; } = new();

    /// <summary>Outlier detection.</summary>
    public OutlierDetectionOptions OutlierDetection { get; set; } = new();

    /// <summary>The circuit breaker of the service.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; set; } = new();
}
