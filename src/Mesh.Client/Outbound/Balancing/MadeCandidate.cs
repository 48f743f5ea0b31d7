namespace Mesh.Client.Outbound.Balancing;

/// <summary>A candidate that a test of a policy has made up.</summary>
internal sealed class MadeCandidate(
    EndpointDescription description, int inFlight, TimeSpan? latency, int? reportedRequests, TimeSpan? reportedServiceTime)
{
    public EndpointDescription Description => description;

    public int InFlight => inFlight;

    public TimeSpan? Latency => latency;

    public int? ReportedRequests => reportedRequests;

    public TimeSpan? ReportedServiceTime => reportedServiceTime;

    public object? State { get; set; }
}
