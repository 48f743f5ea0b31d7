namespace Mesh.Client.Benchmarks.Registry;

/// <summary>Latency of calls beside a very large registry, the medians of some turns.</summary>
/// <param name="Alone">Nothing else happens.</param>
/// <param name="Working">Another thread only works, and makes nothing.</param>
/// <param name="Refreshing">Another thread reads and applies 50,000 instances all the time.</param>
/// <param name="Refreshes">How often it did so.</param>
/// <param name="PausedMs">How long the runtime held all threads for collections, for each refresh.</param>
internal sealed record CallFigures(Percentiles Alone, Percentiles Working, Percentiles Refreshing, int Refreshes, double PausedMs);
