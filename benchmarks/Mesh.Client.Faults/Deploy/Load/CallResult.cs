namespace Mesh.Client.Faults.Deploy.Load;

/// <summary>How a call ended.</summary>
/// <param name="Call">The call.</param>
/// <param name="Sent">When it was due, since the load began.</param>
/// <param name="Failure">What came instead of 200; null when all went well.</param>
internal sealed record CallResult(OrderCall Call, TimeSpan Sent, string? Failure);
