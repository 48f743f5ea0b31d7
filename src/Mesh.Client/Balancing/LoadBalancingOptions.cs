namespace Mesh.Client;

/// <summary>How an endpoint is chosen.</summary>
public sealed class LoadBalancingOptions
{
    /// <summary>The policy: a name of <see cref="LoadBalancingPolicies"/>, or of an <see cref="ILoadBalancerFactory"/> of the application. Case does not matter.</summary>
    /// <value>Default <c>Adaptive</c>.</value>
    public string? Policy { get; set; }

    /// <summary>How many endpoints of a service this process uses, if the service has more than twice as many. Each process uses others.</summary>
    /// <value>Default 32; 0 (all of them) to 10,000.</value>
    /// <remarks>A process that has more than 8 requests for each of them under way uses more. With few, connections are few and reports of load fresh; with fewer than about 12, a fault
    /// of some is felt.</remarks>
    public int? SubsetSize { get; set; }

    /// <summary>Whether calls stay in the zone of this process (<c>Mesh:Service:Zone</c>) as far as the endpoints there have room for them.</summary>
    /// <value>Default true; without a zone of its own it changes nothing.</value>
    public bool? ZoneAware { get; set; }
}
