namespace Mesh.Client.Options;

/// <summary>How some calls to a service are made. What is not set is as for the other calls of the service.</summary>
public sealed class RouteOptions
{
    /// <summary>Its place: the lowest is asked first, and of equal ones that whose name comes first in ordinal order.</summary>
    /// <value>Default 0; -1,000,000 to 1,000,000.</value>
    public int? Order { get; set; }

    /// <summary>The calls that it takes: those that match any of these.</summary>
    /// <value>Default none: all.</value>
    public IList<RouteMatchOptions> Matches { get; set; } = [];

    /// <summary>Instead of <see cref="ServiceOptions.Timeout"/>.</summary>
    /// <value>Default: that of the service.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Instead of <see cref="ServiceOptions.AttemptTimeout"/>.</summary>
    /// <value>Default: that of the service, or learned for this route.</value>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>Instead of <see cref="ServiceOptions.BodyIdleTimeout"/>.</summary>
    /// <value>Default: that of the service.</value>
    public TimeSpan? BodyIdleTimeout { get; set; }

    /// <summary>Instead of <see cref="RetryOptions.MaxRetries"/> of the service.</summary>
    /// <value>Default: that of the service; 0 to 10.</value>
    public int? MaxRetries { get; set; }
}
