namespace Mesh.Client.Faults.Load;

/// <summary>How a call ended.</summary>
/// <param name="Success">Whether the answer was 200.</param>
/// <param name="Latency">From the moment at which it should have been sent to the end of the answer.</param>
/// <param name="Failure">What came instead of 200.</param>
internal readonly record struct CallOutcome(bool Success, TimeSpan Latency, string? Failure);
