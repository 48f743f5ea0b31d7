using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client;

/// <summary>An endpoint that can be picked, with this process's data about it. Two values are equal if they are the same
/// endpoint.</summary>
public readonly record struct EndpointCandidate
{
    private readonly Endpoint _endpoint;

    internal EndpointCandidate(Endpoint endpoint) => _endpoint = endpoint;

    /// <summary>Host and port.</summary>
    public string Name => _endpoint.Name;

    /// <summary>Address, zone and labels, as its source describes them. A new object after each change.</summary>
    public EndpointDescription Description => _endpoint.Description;

    /// <summary>This process's requests in flight.</summary>
    public int InFlight => _endpoint.Load.InFlight;

    /// <summary>Average latency up to the response headers.</summary>
    /// <value>Null before its first answer.</value>
    public TimeSpan? Latency => _endpoint.Load is { HasLatency: true } load ? TimeSpan.FromMilliseconds(load.Latency) : null;

    /// <summary>Requests in flight of all callers, as the endpoint reported with its last answer.</summary>
    /// <value>Null if it does not report.</value>
    public int? ReportedRequests => _endpoint.Load.ReportedRequests;

    /// <summary>Service time of a request, as the endpoint reported with its last answer.</summary>
    /// <value>Null if it does not report.</value>
    public TimeSpan? ReportedServiceTime => _endpoint.Load is { Reports: true } load ? TimeSpan.FromMilliseconds(load.ServiceTime) : null;

    /// <summary>The policy's own data about this endpoint. Kept while the endpoint is known; dropped if the service gets another
    /// policy.</summary>
    /// <value>Null at first. The policy must handle threads that race to set it.</value>
    public object? State
    {
        get => _endpoint.BalancerState;
        set => _endpoint.BalancerState = value;
    }
}
