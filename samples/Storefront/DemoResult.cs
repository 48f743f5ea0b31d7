using Storefront.Driver;
using Storefront.Processes;
using Storefront.Scenes;

namespace Storefront;

/// <summary>What came of it.</summary>
internal sealed record DemoResult(
    TimeSpan Elapsed,
    CallLog Calls,
    IReadOnlyList<Scene> Scenes,
    IReadOnlyList<Proof> Proofs,
    IReadOnlyList<EndpointRow> Endpoints,
    IReadOnlyList<ServiceProcess> Crashed,
    Ledgers Ledgers)
{
    /// <summary>Orders that the storefront acknowledged and no ledger has.</summary>
    public IReadOnlyList<string> LostOrders => [.. Calls.AcknowledgedOrders.Where(order => !Ledgers.Has(order))];

    /// <summary>Why this is no success; empty when it is one.</summary>
    public IReadOnlyList<string> Reasons()
    {
        var (_, failed) = Calls.Count();
        var reasons = new List<string>();
        if (failed > 0)
        {
            reasons.Add($"{failed} calls failed");
        }

        if (Ledgers.Duplicates.Count > 0)
        {
            reasons.Add($"{Ledgers.Duplicates.Count} orders were accepted more than once: {First(Ledgers.Duplicates)}");
        }

        if (LostOrders.Count > 0)
        {
            reasons.Add($"{LostOrders.Count} acknowledged orders are in no ledger: {First(LostOrders)}");
        }

        reasons.AddRange(Proofs.Where(proof => !proof.Hit).Select(proof => $"a fault did not hit: {proof.Text}"));
        reasons.AddRange(Crashed.Select(service => $"{service.Name} ended by itself, exit code {service.Crash!.ExitCode}"));
        return reasons;
    }

    private static string First(IEnumerable<string> orders) => string.Join(", ", orders.Take(5));
}
