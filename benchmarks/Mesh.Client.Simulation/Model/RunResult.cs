using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Model;

/// <summary>What a run has shown.</summary>
/// <param name="Scenario">Its scenario.</param>
/// <param name="Policy">The name of its policy.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Hash">Equal for runs in which the same happened.</param>
/// <param name="Capacity">Requests per millisecond that the servers can do.</param>
/// <param name="LeftInFlight">Requests that the product still counts as in flight when all have ended.</param>
/// <param name="Calls">Every call, in the order of their ends.</param>
internal sealed record RunResult(
    Scenario Scenario, string Policy, int Seed, ulong Hash, double Capacity, int LeftInFlight, IReadOnlyList<CallRecord> Calls);
