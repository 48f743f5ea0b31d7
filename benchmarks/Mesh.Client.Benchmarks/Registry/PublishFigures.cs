using Mesh.Client.Benchmarks.Measuring;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>What it costs that a source names many services, one by one.</summary>
/// <param name="Services">Services of a source.</param>
/// <param name="EndpointsOfEach">Endpoints of each.</param>
/// <param name="All">All are published for the first time: the names, their endpoints, and all state of theirs.</param>
/// <param name="Few">Services of a small source.</param>
/// <param name="OneOfFew">One of these is published again, and one of its endpoints is another.</param>
/// <param name="OneOfAll">The same with one of all.</param>
internal sealed record PublishFigures(
    int Services, int EndpointsOfEach, Measurement All, int Few, Measurement OneOfFew, Measurement OneOfAll)
{
    /// <summary>Held with any size and without slack: it is far from what is measured.</summary>
    public const double MaxAllNs = 0.3e9;

    /// <summary>That of many lies in a colder cache.</summary>
    public const double MaxOneShare = 2;

    /// <summary>Every gate that was missed, in words.</summary>
    /// <param name="slack">For shares of processor time.</param>
    public IEnumerable<string> Missed(double slack)
    {
        if (!(All.CpuNs <= MaxAllNs))
        {
            yield return $"publish: {Services} services take {All.CpuNs / 1e9:0.000} s of processor time, at most {MaxAllNs / 1e9:0.0} "
                + "wanted";
        }

        // What is allocated meanwhile on other threads of the process is not exactly the same.
        if (!(OneOfAll.Bytes <= OneOfFew.Bytes * 1.01))
        {
            yield return $"publish: one of {Services} services allocates {OneOfAll.Bytes:0} bytes, no more than one of {Few} wanted "
                + $"({OneOfFew.Bytes:0})";
        }

        if (!(OneOfAll.CpuNs / OneOfFew.CpuNs <= MaxOneShare * slack))
        {
            yield return $"publish: one of {Services} services takes {OneOfAll.CpuNs / OneOfFew.CpuNs:0.0} times the processor time of "
                + $"one of {Few}, at most {MaxOneShare * slack:0.0} wanted";
        }
    }

    public void Write(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{$"services with {EndpointsOfEach} endpoints, published one by one",-52} {"CPU µs",11} {"allocated",12}");
        Row($"{Services} services for the first time", All);
        Row($"one of {Few} again, with another endpoint", OneOfFew);
        Row($"one of {Services} again, with another endpoint", OneOfAll);

        void Row(string name, Measurement cost) => output.WriteLine($"{name,-52} {cost.CpuNs / 1e3,11:0.00} {cost.Bytes / 1e3,9:0.0} kB");
    }
}
