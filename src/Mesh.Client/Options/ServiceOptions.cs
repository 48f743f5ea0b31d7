namespace Mesh.Client.Options;

/// <summary>Settings for calls to one service. A value that is not set comes from <c>Mesh:Defaults</c>, then from the built-in
/// default.</summary>
public sealed class ServiceOptions
{
    /// <summary>Endpoints of the service, instead of discovery. An entry may be just an address.</summary>
    /// <value>Default none. Not in <c>Mesh:Defaults</c>.</value>
    public IList<EndpointOptions> Endpoints { get; set; } = [];

    /// <summary>Routes by name: how some of the calls are made.</summary>
    /// <value>Default none. Not in <c>Mesh:Defaults</c>.</value>
    public IDictionary<string, RouteOptions> Routes { get; set; } = new Dictionary<string, RouteOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Maximum time from the call to the response headers, over all attempts.</summary>
    /// <value>Default 10 s; from 1 ms to 24 h, or <c>-00:00:00.001</c> for none.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Maximum time of one attempt up to the response headers, while a further attempt is allowed.</summary>
    /// <value>Default: learned, max(250 ms, 4 x p99) after 100 answers, none before; 1 ms to 24 h, at most the <see cref="Timeout"/> that
    /// applies where it is set. The last attempt always has the rest of <see cref="Timeout"/>.</value>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>How long a connection may receive nothing while it is opened: first from the network, then from TLS. The wait for
    /// connections that were begun earlier does not count.</summary>
    /// <value>Default 1 s; 1 ms to 24 h.</value>
    public TimeSpan? ConnectTimeout { get; set; }

    /// <summary>Maximum silence while a response body is read. Does not apply to event streams, streams of JSON
    /// documents (NDJSON) and gRPC, which may be silent.</summary>
    /// <value>Default 15 s; 1 ms to 24 h, or <c>-00:00:00.001</c> for none.</value>
    public TimeSpan? BodyIdleTimeout { get; set; }

    /// <summary>Which host name requests carry in <c>Host</c> and, with TLS, in SNI.</summary>
    /// <value>Default <see cref="Options.HostHeader.Auto"/>.</value>
    public HostHeader? HostHeader { get; set; }

    /// <summary>Whether only endpoints with TLS are used, whatever a registry says.</summary>
    /// <value>Default false: a request keeps its scheme, and a registry may raise it to TLS. A
    /// call to <c>https</c> always uses TLS.</value>
    public bool? RequireTls { get; set; }

    /// <summary>Name that the certificate of every endpoint must be for, whatever a registry says. Requests carry it as their
    /// host.</summary>
    /// <value>A DNS name. Default none: the endpoint's own name, from its address or its source. Not in <c>Mesh:Defaults</c>.</value>
    /// <remarks>It implies <see cref="RequireTls"/>: an instance that an impostor registers under
    /// the service's name gets no request.</remarks>
    public string? TlsName { get; set; }

    /// <summary>Whether calls carry the call context: the headers of the mesh, and listed baggage.</summary>
    /// <value>Default true. False for a service of another party that is listed for its endpoints, retries and timeouts only.</value>
    /// <remarks>A server reports load and draining only to callers that name themselves, so
    /// without the context it reports nothing.</remarks>
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
