namespace Mesh.Client.Options;

/// <summary>Outlier detection: when a failing endpoint is taken out of rotation for a while.</summary>
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

    /// <summary>Share of failed attempts within 5 s above which an endpoint is ejected, if at least 5 failed.</summary>
    /// <value>Default 0.5; 0 to 1. 1 switches this rule off.</value>
    public double? FailureRatio { get; set; }

    /// <summary>Length of the first ejection. Each further one in a row is twice as long, ± 25 % jitter.</summary>
    /// <value>Default 0.5 s; 1 ms to 24 h.</value>
    public TimeSpan? BaseEjectionTime { get; set; }

    /// <summary>Maximum length of an ejection, before jitter.</summary>
    /// <value>Default 30 s; at least <see cref="BaseEjectionTime"/>, up to 24 h.</value>
    public TimeSpan? MaxEjectionTime { get; set; }

    /// <summary>Maximum share of the endpoints of a priority level that is ejected at once. The only endpoint is never ejected.</summary>
    /// <value>Default 0.5; 0 to 1.</value>
    public double? MaxEjectedRatio { get; set; }

    /// <summary>Below this share of endpoints in rotation, ejections are ignored (panic), because
    /// the cause is then probably elsewhere.</summary>
    /// <value>Default 0.5; 0 to 1. 0 switches panic off, unless no endpoint is left.</value>
    public double? PanicThreshold { get; set; }

    /// <summary>Statuses that count as failures of the endpoint: each a status, a range such as <c>500-504</c>, or a class such as
    /// <c>5xx</c>.</summary>
    /// <value>Default <c>500</c>, <c>502-504</c>, <c>506-599</c>, while the list is empty; 400 to 599.</value>
    /// <remarks>A list replaces the default. A 4xx in it ejects only an endpoint that answers with it far more often than the others, so a
    /// caller's mistake ejects nothing. Retries and the circuit breaker do not use this list.</remarks>
    public IList<string> Statuses { get; set; } = [];

    /// <summary>Probes: requests that the mesh itself sends to endpoints that are ejected or get no calls.</summary>
    /// <value>Default off: <see cref="ProbeOptions.Path"/> is not set.</value>
    public ProbeOptions Probe { get; set; } = new();
}
