namespace Mesh.Client.Faults.Deploy.Results;

/// <summary>Writes the results of all contenders side by side.</summary>
internal static class DeployTable
{
    public static void Write(TextWriter output, IReadOnlyList<DeployRow> rows, DeployTimes times)
    {
        output.WriteLine();
        output.WriteLine($"{"scenario",-29} {"",-58} {"contender",-9} {"requests",8} {"failed",7} {"idempotent",10} {"duplicates",10}");
        foreach (var scenario in KnownDeployScenarios.All)
        {
            var (id, title) = (scenario.Id, scenario.Title);
            foreach (var row in rows.Where(row => row.Scenario == scenario.Id))
            {
                output.WriteLine($"{id,-29} {title,-58} {row.Contender,-9} {row.Requests,8} {row.Failed,7} {row.FailedIdempotent,10} {row.Duplicates,10}");
                (id, title) = ("", "");
            }
        }

        output.WriteLine();
        output.WriteLine(FormattableString.Invariant(
            $"Each of three processes is ended and replaced, one after the other, under {Load.OrderLoad.RequestsPerSecond} requests a second for {times.Duration.TotalSeconds:0} s; half are GETs, the rest POSTs."));
        output.WriteLine(
            "failed: no answer of 200; idempotent: those of them that are GETs; duplicates: POSTs that the instances took more than once.");
        output.WriteLine("Both contenders run at the same time, each with instances of its own, which die at the same moments. The stock stack knows its");
        output.WriteLine("instances by configuration, so that they keep their ports in every scenario, and it has no registry to lose.");
    }
}
