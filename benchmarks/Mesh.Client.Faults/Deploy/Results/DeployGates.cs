namespace Mesh.Client.Faults.Deploy.Results;

/// <summary>What the mesh must reach.</summary>
internal static class DeployGates
{
    /// <summary>Every gate that was missed, in words; empty when all are kept.</summary>
    public static IReadOnlyList<string> Check(IReadOnlyList<DeployRow> rows)
    {
        var missed = new List<string>();
        foreach (var row in rows.Where(row => row.Contender == DeployContender.Mesh.Name))
        {
            var killed = KnownDeployScenarios.All.Single(scenario => scenario.Id == row.Scenario).Killed;
            if (!killed && row.Failed > 0)
            {
                missed.Add($"{row.Scenario}: {row.Failed} of {row.Requests} calls failed, none may");
            }
            else if (row.FailedIdempotent > 0)
            {
                missed.Add($"{row.Scenario}: {row.FailedIdempotent} idempotent calls failed, none may");
            }

            if (row.Duplicates > 0)
            {
                missed.Add($"{row.Scenario}: {row.Duplicates} POSTs were taken more than once, none may be");
            }

            if (row.Lost > 0)
            {
                missed.Add($"{row.Scenario}: {row.Lost} POSTs were answered and stand in no ledger");
            }
        }

        if (!rows.Any(row => row.Contender == DeployContender.Mesh.Name))
        {
            missed.Add("the mesh was not measured");
        }

        return missed;
    }
}
