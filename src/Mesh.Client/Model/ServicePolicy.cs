using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Model;

/// <summary>The validated, immutable settings that a call to a service follows. A reload makes a new one and swaps one reference.</summary>
internal sealed record ServicePolicy
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Whether the service is listed under <c>Mesh:Services</c>, as opposed to being known from a registry only.</summary>
    public required bool IsNamed { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary><see cref="Timeout"/>, or <see cref="Duration.NoLimit"/> for none.</summary>
    public TimeSpan TimeLimit => Duration.Limit(Timeout);

    /// <summary>The timeout in whole milliseconds, ready for the header: the first attempt of nearly every call sends it. Null for
    /// none.</summary>
    public string? TimeoutText { get; private init; }

    /// <summary>Null: learned from the service's latencies.</summary>
    public required TimeSpan? AttemptTimeout { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan BodyIdleTimeout { get; init; }

    public required HostHeader HostHeader { get; init; }

    /// <summary>Whether only endpoints that speak TLS are used.</summary>
    public required bool RequireTls { get; init; }

    /// <summary>The name that certificates must be for; null for the endpoint's own name.</summary>
    public required string? TlsName { get; init; }

    /// <summary>Whether calls carry the headers of the mesh, and baggage.</summary>
    public required bool SendContext { get; init; }

    public required CredentialsPolicy Credentials { get; init; }

    public required RetryPolicy Retry { get; init; }

    public required string LoadBalancing { get; init; }

    /// <summary>The number of endpoints used of a service with more than twice as many; 0 for all.</summary>
    public required int SubsetSize { get; init; }

    /// <summary>Whether calls stay in the own zone as far as its capacity goes.</summary>
    public required bool ZoneAware { get; init; }

    public required OutlierDetectionPolicy OutlierDetection { get; init; }

    public required CircuitBreakerPolicy CircuitBreaker { get; init; }

    /// <summary>Configured endpoints; empty means that discovery supplies them.</summary>
    public ImmutableArray<EndpointDescription> Endpoints { get; init; } = [];

    /// <summary>Merges the settings: those of the service, then the defaults, then the built-in values.</summary>
    public static ServicePolicy Create(ServiceOptions? service, ServiceOptions defaults)
    {
        var s = service ?? defaults;
        var timeout = s.Timeout ?? defaults.Timeout ?? DefaultTimeout;
        return new ServicePolicy
        {
            IsNamed = service is not null,
            Timeout = timeout,
            TimeoutText = timeout == System.Threading.Timeout.InfiniteTimeSpan
                ? null
                : ((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            AttemptTimeout = s.AttemptTimeout ?? defaults.AttemptTimeout,
            ConnectTimeout = s.ConnectTimeout ?? defaults.ConnectTimeout ?? TimeSpan.FromSeconds(1),
            BodyIdleTimeout = s.BodyIdleTimeout ?? defaults.BodyIdleTimeout ?? TimeSpan.FromSeconds(15),
            HostHeader = s.HostHeader ?? defaults.HostHeader ?? HostHeader.Auto,
            RequireTls = s.TlsName is not null || (s.RequireTls ?? defaults.RequireTls ?? false),
            TlsName = s.TlsName,
            SendContext = s.SendContext ?? defaults.SendContext ?? true,
            Credentials = CredentialsPolicy.Create(s.Credentials, defaults.Credentials),
            Retry = new RetryPolicy(
                s.Retry.MaxRetries ?? defaults.Retry.MaxRetries ?? 2,
                s.Retry.BudgetRatio ?? defaults.Retry.BudgetRatio ?? 0.2),
            LoadBalancing = s.LoadBalancing.Policy ?? defaults.LoadBalancing.Policy ?? LoadBalancingPolicies.Adaptive,
            SubsetSize = s.LoadBalancing.SubsetSize ?? defaults.LoadBalancing.SubsetSize ?? 32,
            ZoneAware = s.LoadBalancing.ZoneAware ?? defaults.LoadBalancing.ZoneAware ?? true,
            OutlierDetection = new OutlierDetectionPolicy(
                s.OutlierDetection.Enabled ?? defaults.OutlierDetection.Enabled ?? true,
                s.OutlierDetection.ConsecutiveFailures ?? defaults.OutlierDetection.ConsecutiveFailures ?? 5,
                s.OutlierDetection.ConsecutiveConnectFailures ?? defaults.OutlierDetection.ConsecutiveConnectFailures ?? 3,
                s.OutlierDetection.FailureRatio ?? defaults.OutlierDetection.FailureRatio ?? 0.5,
                s.OutlierDetection.BaseEjectionTime ?? defaults.OutlierDetection.BaseEjectionTime
                    ?? OutlierDetectionPolicy.DefaultBaseEjectionTime,
                s.OutlierDetection.MaxEjectionTime ?? defaults.OutlierDetection.MaxEjectionTime
                    ?? OutlierDetectionPolicy.DefaultMaxEjectionTime,
                s.OutlierDetection.MaxEjectedRatio ?? defaults.OutlierDetection.MaxEjectedRatio ?? 0.5,
                s.OutlierDetection.PanicThreshold ?? defaults.OutlierDetection.PanicThreshold ?? 0.5,
                StatusesOf(s.OutlierDetection) ?? StatusesOf(defaults.OutlierDetection) ?? FailureStatuses.Default,
                ProbePolicy.Create(s.OutlierDetection.Probe, defaults.OutlierDetection.Probe)),
            CircuitBreaker = new CircuitBreakerPolicy(
                s.CircuitBreaker.Enabled ?? defaults.CircuitBreaker.Enabled ?? true,
                s.CircuitBreaker.FailureRatio ?? defaults.CircuitBreaker.FailureRatio ?? 0.5,
                s.CircuitBreaker.MinimumThroughput ?? defaults.CircuitBreaker.MinimumThroughput ?? 20,
                s.CircuitBreaker.SamplingDuration ?? defaults.CircuitBreaker.SamplingDuration ?? TimeSpan.FromSeconds(10),
                s.CircuitBreaker.BreakDuration ?? defaults.CircuitBreaker.BreakDuration ?? TimeSpan.FromSeconds(5)),
            Endpoints = service is null ? [] : [.. service.Endpoints.Select(Describe)],
        };
    }

    private static FailureStatuses? StatusesOf(OutlierDetectionOptions options) =>
        options.Statuses is { Count: > 0 } statuses ? FailureStatuses.Of(statuses) : null;

    /// <summary>Requests to a DNS name carry this name as their host; requests to an address carry the service's.</summary>
    private static EndpointDescription Describe(EndpointOptions endpoint)
    {
        var uri = new Uri(endpoint.Address, UriKind.Absolute);
        return new EndpointDescription
        {
            Address = uri,
            SecurePort = endpoint.SecurePort,
            Origin = EndpointOrigin.Configuration,
            Zone = endpoint.Zone is { Length: > 0 } zone ? zone : null,
            Labels = endpoint.Labels.ToFrozenDictionary(StringComparer.Ordinal),
            ResolvesEach = endpoint.Resolve == AddressResolution.Each,
            Host = uri.HostNameType == UriHostNameType.Dns && !uri.IsLoopback ? uri.Authority : null,
        };
    }
}
