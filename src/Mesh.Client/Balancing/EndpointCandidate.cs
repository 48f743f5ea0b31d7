using Mesh.Client.Discovery;

namespace Mesh.Client;

/// <summary>An endpoint that may be chosen, with what this process knows of it. Equal to another when it is the same endpoint.</summary>
public readonly record struct EndpointCandidate
{
    private readonly Endpoint _endpoint;

    internal EndpointCandidate(Endpoint endpoint) => _endpoint = endpoint;

    /// <summary>Host and port.</summary>
    public string Name => _endpoint.Name;

    /// <summary>What its source says of it: address, zone, labels. A new object after each change.</summary>
    public EndpointDescription Description => _endpoint.Description;

    /// <summary>The requests of this process that it has not answered to the end.</summary>
    public int InFlight => _endpoint.Load.InFlight;

    /// <summary>How long its answers take to begin, on average.</summary>
    /// <value>Null before its first answer.</value>
    public TimeSpan? Latency => _endpoint.Load is { HasLatency: true } load ? TimeSpan.FromMilliseconds(load.Latency) : null;

    /// <summary>The requests of all its callers that it has to do, as it said with its last answer.</summary>
    /// <value>Null when it does not say.</value>
    public int? ReportedRequests => _endpoint.Load.ReportedRequests;

    /// <summary>How long it takes for a request, as it said with its last answer.</summary>
    /// <value>Null when it does not say.</value>
    public TimeSpan? ReportedServiceTime => _endpoint.Load is { Reports: true } load ? TimeSpan.FromMilliseconds(load.ServiceTime) : null;

    /// <summary>Whatever the policy keeps about it. Stays while the endpoint is known; gone when the service gets another policy.</summary>
    /// <value>Null at first. Threads that race to set it must agree by themselves, or do without what is lost.</value>
    public object? State
    {
        get => _endpoint.BalancerState;
        set => _endpoint.BalancerState = value;
    }
}
