namespace Mesh.Client.Benchmarks.Registry;

/// <summary>Latency of calls, while other things happen in the process.</summary>
/// <param name="Alone">Nothing else.</param>
/// <param name="Working">A thread computes, and makes nothing: what a core costs that is busy.</param>
/// <param name="Refreshing">A large registry is read and applied again and again, and one instance in a hundred has changed.</param>
/// <param name="Renewing">The same, and every instance has changed.</param>
internal sealed record CallFigures(Percentiles Alone, Percentiles Working, RefreshFigures Refreshing, RefreshFigures Renewing);
