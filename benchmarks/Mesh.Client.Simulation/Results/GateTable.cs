using System.Globalization;
using Mesh.Client.Simulation.Policies;

namespace Mesh.Client.Simulation.Results;

/// <summary>Judges every policy by the gates.</summary>
internal static class GateTable
{
    /// <summary>On seeds that no constant was chosen on, the mean may be this much above the gate.</summary>
    private const double HeldOutSlack = 1.05;

    public static void Write(TextWriter output, ResultSet results, bool heldOut)
    {
        var families = KnownPolicies.All.Select(p => p.Family).Distinct().Where(f => f != KnownPolicies.Oracle.Name).ToList();
        output.WriteLine();
        output.WriteLine($"Gates: what was reached (at most what is allowed{(heldOut ? ", and 5 % on these seeds" : "")}):");
        output.WriteLine();
        output.WriteLine($"| gate | asked of | at most | {string.Join(" | ", families)} |");
        output.WriteLine("|---|---|---|" + string.Concat(families.Select(_ => "---|")));
        foreach (var gate in KnownGates.All)
        {
            var limits = string.Join(", ", gate.Conditions.Select(c => c.Name + " " + Format(c, c.Limit)));
            output.WriteLine($"| {gate.Id} {gate.Title} | {(gate.Variant.Length == 0 ? "all features" : gate.Variant)} | {limits} | "
                + $"{string.Join(" | ", families.Select(f => Cell(gate, f, results, heldOut)))} |");
        }
    }

    /// <summary>The gates that Adaptive does not keep.</summary>
    public static IReadOnlyList<string> Missed(ResultSet results, bool heldOut) =>
        [.. KnownGates.All.Where(g => Holds(g, "Adaptive", results, heldOut) == false).Select(g => g.Id)];

    /// <summary>Null when a run is missing.</summary>
    public static bool? Holds(Gate gate, string family, ResultSet results, bool heldOut)
    {
        bool? holds = true;
        foreach (var condition in gate.Conditions)
        {
            if (condition.Figure(results, Policy(gate, family)) is not { } figure)
            {
                return null;
            }

            holds &= figure <= condition.Limit * (heldOut ? HeldOutSlack : 1);
        }

        return holds;
    }

    private static string Cell(Gate gate, string family, ResultSet results, bool heldOut) => Holds(gate, family, results, heldOut) switch
    {
        null => "-",
        var holds => (holds == true ? "pass: " : "MISS: ") + string.Join(
            ", ", gate.Conditions.Select(c => Format(c, c.Figure(results, Policy(gate, family))!.Value))),
    };

    private static string Policy(Gate gate, string family) => gate.Variant.Length == 0 ? family : family + "/" + gate.Variant;

    private static string Format(Condition condition, double value) => condition.Unit switch
    {
        Unit.Milliseconds => value.ToString("0", CultureInfo.InvariantCulture) + " ms",
        Unit.Share => value.ToString("0.000%", CultureInfo.InvariantCulture),
        Unit.Count => value.ToString("0", CultureInfo.InvariantCulture),
        Unit.Ratio => value.ToString("0.000", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture) + "x",
    };
}
