using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client;

/// <summary>An endpoint that can be picked, with this process's data about it. Two values are equal if they are the same
/// endpoint.</summary>
public readonly record struct EndpointCandidate
{
    // An endpoint, or what a test of a policy has made up.
    private readonly object? _source;
    private readonly object? _balancer;

    internal EndpointCandidate(Endpoint endpoint, ILoadBalancer balancer) => (_source, _balancer) = (endpoint, balancer);

    /// <summary>Creates a candidate of your own, to test a policy. It keeps <see cref="State"/> like any other.</summary>
    /// <param name="description">The endpoint.</param>
    /// <param name="inFlight">This process's requests in flight.</param>
    /// <param name="latency">Average latency; null before the first answer.</param>
    /// <param name="reportedRequests">Requests in flight of all callers; null if the endpoint does not report.</param>
    /// <param name="reportedServiceTime">Service time of a request; null if the endpoint does not report.</param>
    public EndpointCandidate(
        EndpointDescription description,
        int inFlight = 0,
        TimeSpan? latency = null,
        int? reportedRequests = null,
        TimeSpan? reportedServiceTime = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        _source = new MadeCandidate(description, inFlight, latency, reportedRequests, reportedServiceTime);
    }

    /// <summary>Host and port.</summary>
    public string Name => _source is Endpoint endpoint ? endpoint.Name : Endpoint.NameOf(Made.Description);

    /// <summary>Address, zone and labels, as its source describes them. A new object after each change.</summary>
    public EndpointDescription Description => _source is Endpoint endpoint ? endpoint.Description : Made.Description;

    /// <summary>This process's requests in flight.</summary>
    public int InFlight => _source is Endpoint endpoint ? endpoint.Load.InFlight : Made.InFlight;

    /// <summary>Average latency up to the response headers.</summary>
    /// <value>Null before its first answer.</value>
    public TimeSpan? Latency =>
        _source is not Endpoint endpoint ? Made.Latency
        : endpoint.Load is { HasLatency: true } load ? TimeSpan.FromMilliseconds(load.Latency)
        : null;

    /// <summary>Requests in flight of all callers, as the endpoint reported with its last answer.</summary>
    /// <value>Null if it does not report.</value>
    public int? ReportedRequests => _source is Endpoint endpoint ? endpoint.Load.ReportedRequests : Made.ReportedRequests;

    /// <summary>Service time of a request, as the endpoint reported with its last answer.</summary>
    /// <value>Null if it does not report.</value>
    public TimeSpan? ReportedServiceTime =>
        _source is not Endpoint endpoint ? Made.ReportedServiceTime
        : endpoint.Load is { Reports: true } load ? TimeSpan.FromMilliseconds(load.ServiceTime)
        : null;

    /// <summary>What this policy keeps about this endpoint. Another policy, or the same one for another service, does not see it. Kept
    /// while the endpoint is known and the service keeps the policy.</summary>
    /// <value>Null at first. The policy must handle threads that race to set it.</value>
    public object? State
    {
        get => _source is Endpoint endpoint ? endpoint.StateOf(_balancer!) : Made.State;
        set
        {
            if (_source is Endpoint endpoint)
            {
                endpoint.SetState(_balancer!, value);
            }
            else
            {
                Made.State = value;
            }
        }
    }

    private MadeCandidate Made => (MadeCandidate?)_source
        ?? throw new InvalidOperationException(
            "This is default(EndpointCandidate), which stands for no endpoint. Take one of the candidates.");

    /// <summary>Whether both are the same endpoint.</summary>
    /// <param name="other">The other candidate.</param>
    /// <returns>True if they are.</returns>
    public bool Equals(EndpointCandidate other) => ReferenceEquals(_source, other._source);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(_source);

    /// <summary>Host and port.</summary>
    /// <returns>The name; <c>none</c> for no endpoint.</returns>
    public override string ToString() => _source is null ? "none" : Name;
}
