using Mesh.Client.Benchmarks.Measuring;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>What a large registry costs an application.</summary>
/// <param name="Instances">Instances of the registry that is read.</param>
/// <param name="Megabytes">Its answer.</param>
/// <param name="Model">The answer into the full model, once.</param>
/// <param name="Read">The answer into what the mesh needs, once, with nothing known before.</param>
/// <param name="LeastModelNs">The least processor time of a turn, for what other processes take of the machine.</param>
/// <param name="LeastReadNs">The same.</param>
/// <param name="Unchanged">The same answer once more: read, compared, and nothing to publish.</param>
/// <param name="Delta">Ten instances changed: read, applied and published, down to the endpoints.</param>
/// <param name="LiveBytes">Memory for each endpoint, with all that the mesh remembers of it.</param>
/// <param name="ServiceBytes">Memory for each service, beside that of its endpoints.</param>
/// <param name="Calls">Latency of calls meanwhile; null in a short run.</param>
internal sealed record RegistryFigures(
    int Instances,
    double Megabytes,
    Measurement Model,
    Measurement Read,
    double LeastModelNs,
    double LeastReadNs,
    Measurement Unchanged,
    Measurement Delta,
    double LiveBytes,
    double ServiceBytes,
    CallFigures? Calls)
{
    public const double LargestReadBytes = 6_000_000;
    public const double LargestReadShare = 0.2;
    public const double LargestDeltaShare = 0.01;
    // An endpoint that can be replaced, reached over TLS and doubted keeps a reference for each, and it counts its streams and their ages.
    public const double LargestLiveBytes = 768;
    public const double LargestLatencyShare = 1.25;

    /// <summary>Every gate that was missed, in words.</summary>
    /// <param name="slack">For shares of processor time.</param>
    public IEnumerable<string> Missed(double slack)
    {
        var readShare = Read.CpuNs / Model.CpuNs;
        if (!(readShare <= LargestReadShare * slack))
        {
            yield return $"registry: a full answer takes {readShare:0.00} of the processor time of the full model, at most "
                + $"{LargestReadShare * slack:0.00} wanted";
        }

        if (!(Read.Bytes <= LargestReadBytes))
        {
            yield return $"registry: a full answer allocates {Read.Bytes / 1e6:0.0} MB, at most {LargestReadBytes / 1e6:0.0} wanted";
        }

        var deltaShare = Delta.CpuNs / Read.CpuNs;
        if (!(deltaShare <= LargestDeltaShare * slack))
        {
            yield return $"registry: a delta of ten takes {deltaShare:0.0000} of a full answer's processor time, at most "
                + $"{LargestDeltaShare * slack:0.0000} wanted";
        }

        if (Calls is { } calls && !(calls.Refreshing.Calls.P99 <= calls.Working.P99 * LargestLatencyShare * slack))
        {
            yield return $"registry: 99 of 100 calls take up to {calls.Refreshing.Calls.P99:0} µs beside refreshes, {calls.Working.P99:0} "
                + $"µs beside a thread that only works, at most {LargestLatencyShare * slack:0.0} times as many wanted";
        }

        if (!(LiveBytes <= LargestLiveBytes))
        {
            yield return $"registry: {LiveBytes:0} live bytes for each endpoint, at most {LargestLiveBytes:0} wanted";
        }
    }

    public void Write(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"registry of {Instances} instances, {Megabytes:0.00} MB");
        output.WriteLine($"{"",-52} {"CPU ms",9} {"allocated",12}");
        Row("full answer into a source-generated full model", Model);
        Row("full answer into what the mesh needs", Read);
        Row("the same answer again, applied and published", Unchanged);
        Row("a delta of ten, applied and published", Delta);
        output.WriteLine($"live bytes: {LiveBytes:0} for each endpoint, what is remembered of it included; {ServiceBytes:0} for each "
            + "service beside them");
        output.WriteLine($"full answer, the best turn of each: {LeastReadNs / 1e6:0.0} ms beside {LeastModelNs / 1e6:0.0} ms; share of "
            + $"the medians {Read.CpuNs / Model.CpuNs:0.000}, of the best {LeastReadNs / LeastModelNs:0.000}");
        if (Calls is { } calls)
        {
            output.WriteLine($"calls, alone: {calls.Alone}");
            output.WriteLine($"calls, beside a thread that only works: {calls.Working}");
            Beside(calls.Refreshing, "one in a hundred changed");
            Beside(calls.Renewing, "all changed");
        }

        void Beside(RefreshFigures figures, string what) => output.WriteLine(
            $"calls, beside {figures.Count} refreshes of 50,000 instances, {what}: {figures.Calls}; collections hold all threads "
            + $"{figures.PausedMs:0.0} ms for each");

        void Row(string name, Measurement cost) => output.WriteLine($"{name,-52} {cost.CpuNs / 1e6,9:0.000} {cost.Bytes / 1e3,9:0.0} kB");
    }
}
