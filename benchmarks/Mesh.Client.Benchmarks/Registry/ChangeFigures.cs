using Mesh.Client.Benchmarks.Measuring;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>What a small change of a large service costs.</summary>
/// <param name="Endpoints">Endpoints of the service.</param>
/// <param name="Whole">A list is published in which each is described anew.</param>
/// <param name="Ten">A list is made and published in which ten are others.</param>
/// <param name="FullAnswer">A registry's answer with all of them in another version: read, applied, published.</param>
/// <param name="Delta">A registry's delta of ten that have gone and ten that have come: read, applied, published.</param>
internal sealed record ChangeFigures(int Endpoints, Measurement Whole, Measurement Ten, Measurement FullAnswer, Measurement Delta)
{
    /// <summary>The list of the source, the array of the service, and what ten endpoints need.</summary>
    public const double LargestTenCopies = 2.5;
    public const double LargestTenShare = 0.06;

    /// <summary>The registry keeps its instances in an array of its own, which is put together before its length is known.</summary>
    public const double LargestDeltaCopies = 5;
    public const double LargestDeltaShare = 0.02;

    private const int Pointer = 8;

    /// <summary>Every gate that was missed, in words.</summary>
    /// <param name="slack">For shares of processor time.</param>
    public IEnumerable<string> Missed(double slack)
    {
        foreach (var (name, cost, copies, whole, share) in new[]
        {
            ("a change of ten", Ten, LargestTenCopies, Whole, LargestTenShare),
            ("a delta of ten", Delta, LargestDeltaCopies, FullAnswer, LargestDeltaShare),
        })
        {
            if (!(Copies(cost) <= copies))
            {
                yield return $"change: {name} allocates {Copies(cost):0.0} times the list, at most {copies:0.0} wanted";
            }

            if (!(cost.CpuNs / whole.CpuNs <= share * slack))
            {
                yield return $"change: {name} takes {cost.CpuNs / whole.CpuNs:0.000} of the processor time of all anew, at most "
                    + $"{share * slack:0.000} wanted";
            }
        }
    }

    private double Copies(Measurement cost) => cost.Bytes / (Endpoints * Pointer);

    public void Write(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{"a service with " + Endpoints + " endpoints",-52} {"CPU ms",9} {"allocated",12} {"copies of the list",20}");
        Row("all described anew, published", Whole);
        Row("ten others, published", Ten);
        Row("full answer of a registry, all of them anew", FullAnswer);
        Row("delta of ten that go and ten that come", Delta);

        void Row(string name, Measurement cost) =>
            output.WriteLine($"{name,-52} {cost.CpuNs / 1e6,9:0.000} {cost.Bytes / 1e3,9:0.0} kB {Copies(cost),20:0.0}");
    }
}
