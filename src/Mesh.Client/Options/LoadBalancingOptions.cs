namespace Mesh.Client.Options;

/// <summary>Load balancing: how an endpoint is picked for each attempt.</summary>
public sealed class LoadBalancingOptions
{
    /// <summary>The policy: a name of <see cref="LoadBalancingPolicies"/>, or of an <see cref="ILoadBalancerFactory"/> of the application.
    /// Case does not matter.</summary>
    /// <value>Default <c>Adaptive</c>.</value>
    public string? Policy { get; set; }

    /// <summary>Number of endpoints that this process uses of a service with more than twice as
    /// many. Each process uses different ones.</summary>
    /// <value>Default 32 endpoints; 0 (all of them) to 10,000.</value>
    /// <remarks>A small number means few connections and recent load reports. Below about 12, a fault of a single endpoint is noticeable. A
    /// process with more than 8 requests in flight for each endpoint uses more of them.</remarks>
    public int? SubsetSize { get; set; }

    /// <summary>Whether calls stay in the zone of this process (<c>Mesh:Service:Zone</c>) as far
    /// as the endpoints there have capacity.</summary>
    /// <value>Default true. No effect without a zone of this process.</value>
    public bool? ZoneAware { get; set; }
}
