using Mesh.Client.Benchmarks.Measuring;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>What a large registry costs an application.</summary>
/// <param name="Instances">Instances of the registry that is read.</param>
/// <param name="Megabytes">Its answer.</param>
/// <param name="Model">The answer into the full model, once.</param>
/// <param name="Read">The answer into what the mesh needs, once, with nothing known before.</param>
/// <param name="Unchanged">The same answer once more: read, compared, and nothing to publish.</param>
/// <param name="Delta">Ten instances changed: read, applied and published, down to the endpoints.</param>
/// <param name="LiveBytes">Memory for each endpoint, with all that the mesh remembers of it.</param>
/// <param name="ServiceBytes">Memory for each service, beside that of its endpoints.</param>
/// <param name="Quiet">Latency of calls, without anything else; null in a short run, like the next.</param>
/// <param name="Refreshing">The same while 50,000 instances are read and applied all the time.</param>
/// <param name="Refreshes">How often that was done meanwhile.</param>
internal sealed record RegistryFigures(
    int Instances,
    double Megabytes,
    Measurement Model,
    Measurement Read,
    Measurement Unchanged,
    Measurement Delta,
    double LiveBytes,
    double ServiceBytes,
    Percentiles? Quiet,
    Percentiles? Refreshing,
    int Refreshes)
{
    public const double LargestReadBytes = 6_000_000;
    public const double LargestReadShare = 0.33;
    public const double LargestDeltaShare = 0.01;
    public const double LargestLiveBytes = 700;

    /// <summary>Every gate that was missed, in words.</summary>
    /// <param name="slack">For shares of processor time.</param>
    public IEnumerable<string> Missed(double slack)
    {
        var readShare = Read.CpuNs / Model.CpuNs;
        if (!(readShare <= LargestReadShare * slack))
        {
            yield return $"registry: a full answer takes {readShare:0.00} of the processor time of the full model, at most {LargestReadShare * slack:0.00} wanted";
        }

        if (!(Read.Bytes <= LargestReadBytes))
        {
            yield return $"registry: a full answer allocates {Read.Bytes / 1e6:0.0} MB, at most {LargestReadBytes / 1e6:0.0} wanted";
        }

        var deltaShare = Delta.CpuNs / Read.CpuNs;
        if (!(deltaShare <= LargestDeltaShare * slack))
        {
            yield return $"registry: a delta of ten takes {deltaShare:0.0000} of a full answer's processor time, at most {LargestDeltaShare * slack:0.0000} wanted";
        }

        // To the percent: the difference of two heaps is no exact count.
        if (!(LiveBytes <= LargestLiveBytes * 1.01))
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
        output.WriteLine($"live bytes: {LiveBytes:0} for each endpoint, what is remembered of it included; {ServiceBytes:0} for each service beside them");
        if (Quiet is not null)
        {
            output.WriteLine($"calls, alone: {Quiet}");
            output.WriteLine($"calls, while 50,000 instances are read and applied, {Refreshes} times: {Refreshing}");
        }

        void Row(string name, Measurement cost) => output.WriteLine($"{name,-52} {cost.CpuNs / 1e6,9:0.000} {cost.Bytes / 1e3,9:0.0} kB");
    }
}
