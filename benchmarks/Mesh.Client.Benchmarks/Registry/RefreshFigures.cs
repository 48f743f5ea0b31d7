namespace Mesh.Client.Benchmarks.Registry;

/// <summary>Calls beside refreshes.</summary>
/// <param name="Calls">Their latency.</param>
/// <param name="Count">How many refreshes there were.</param>
/// <param name="PausedMs">How long collections of the heap held all threads, for each refresh.</param>
internal sealed record RefreshFigures(Percentiles Calls, int Count, double PausedMs);
