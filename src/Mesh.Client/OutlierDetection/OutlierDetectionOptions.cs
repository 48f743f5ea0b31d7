namespace Mesh.Client;

/// <summary>When an endpoint that keeps failing is left out for a while.</summary>
public sealed class OutlierDetectionOptions
{
    /// <summary>Whether failing endpoints are ejected.</summary>
    /// <value>Default true.</value>
    public bool? Enabled { get; set; }

    /// <summary>Consecutive failed attempts after which an endpoint is ejected.</summary>
    /// <value>Default 5; 1 or more.</value>
    public int? ConsecutiveFailures { get; set; }

    /// <summary>Consecutive connection failures after which an endpoint is ejected.</summary>
    /// <value>Default 3; 1 or more.</value>
    public int? ConsecutiveConnectFailures { get; set; }

    /// <summary>An endpoint is also ejected when more than this share of its attempts of the last 5 s failed, and at least 5 of them.</summary>
    /// <value>Default 0.5; 0 to 1. 1 switches this rule off.</value>
    public double? FailureRatio { get; set; }

    /// <summary>The first ejection lasts this long; each further one twice as long, jittered by a quarter.</summary>
    /// <value>Default 0.5 s; 1 ms to 24 h.</value>
    public TimeSpan? BaseEjectionTime { get; set; }

    /// <summary>The longest ejection, before jitter.</summary>
    /// <value>Default 30 s; at least <see cref="BaseEjectionTime"/>, up to 24 h.</value>
    public TimeSpan? MaxEjectionTime { get; set; }

    /// <summary>The largest share of a service's endpoints that may be ejected at once. The only endpoint is never ejected.</summary>
    /// <value>Default 0.5; 0 to 1.</value>
    public double? MaxEjectedRatio { get; set; }

    /// <summary>Below this share of usable endpoints ejections are ignored (panic), since the fault is then likely elsewhere.</summary>
    /// <value>Default 0.5; 0 to 1. 0 switches panic off, unless none is left.</value>
    public double? PanicThreshold { get; set; }

    /// <summary>The statuses that count as failures of the endpoint that answers with them: each a status, a range such as <c>500-504</c>, or a class such as <c>5xx</c>.</summary>
    /// <value>Default <c>500</c>, <c>502-504</c>, <c>506-599</c>, while the list is empty; 400 to 599.</value>
    /// <remarks>A list replaces the default. A 4xx in it ejects only an endpoint that answers with it far more often than the others do: a caller's mistake ejects nothing. Retries and the circuit breaker do
    /// not go by this list.</remarks>
    public IList<string> Statuses { get; set; } = [];

    /// <summary>Requests of the mesh's own to endpoints that are ejected or that nobody calls.</summary>
    /// <value>Default off: <see cref="ProbeOptions.Path"/> is not set.</value>
    public ProbeOptions Probe { get; set; } = new();
}
