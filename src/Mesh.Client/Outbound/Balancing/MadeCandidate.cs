namespace Mesh.Client.Outbound.Balancing;

/// <summary>A candidate that a test of a policy has made up.</summary>
internal sealed record MadeCandidate(
    EndpointDescription Description, int InFlight, TimeSpan? Latency, int? ReportedRequests, TimeSpan? ReportedServiceTime)
{
    public object? State { get; set; }
}
