using System.Text.Json.Serialization;
using Mesh.Client.Faults.Deploy.Load;

namespace Mesh.Client.Faults.Deploy.Results;

/// <summary>One line of the table and of the file of results.</summary>
/// <param name="Scenario">The id of the scenario.</param>
/// <param name="Contender">The name of the contender.</param>
/// <param name="Requests">How many calls were made.</param>
/// <param name="Failed">How many of them got no good answer.</param>
/// <param name="FailedIdempotent">How many of those may be repeated by the rules of HTTP.</param>
/// <param name="Duplicates">How many POSTs the instances took more than once.</param>
internal sealed record DeployRow(string Scenario, string Contender, int Requests, int Failed, int FailedIdempotent, int Duplicates)
{
    /// <summary>How many POSTs were answered with 200 and stand in no ledger: a fault of the suite, or of the file system.</summary>
    [JsonIgnore]
    public int Lost { get; private init; }

    /// <summary>The failures and duplicates, some of each.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Details { get; private init; } = [];

    public static DeployRow From(
        DeployScenario scenario, DeployContender contender, IReadOnlyList<CallResult> calls, IReadOnlyDictionary<string, int> taken)
    {
        var failed = calls.Where(call => call.Failure is not null).ToArray();
        var posts = calls.Where(call => !call.Call.IsIdempotent).ToArray();
        var duplicates = posts.Where(post => taken.GetValueOrDefault(post.Call.Id) > 1).ToArray();
        return new DeployRow(
            scenario.Id, contender.Name, calls.Count, failed.Length, failed.Count(call => call.Call.IsIdempotent), duplicates.Length)
        {
            Lost = posts.Count(post => post.Failure is null && !taken.ContainsKey(post.Call.Id)),
            Details =
            [
                .. failed.DistinctBy(call => (call.Call.Kind, call.Failure))
                    .Take(8)
                    .Select(call => FormattableString.Invariant($"{call.Sent.TotalSeconds:0.00} s {call.Call.Kind}: {call.Failure}")),
                .. duplicates.Take(3).Select(
                    call => FormattableString.Invariant(
                        $"{call.Sent.TotalSeconds:0.00} s {call.Call.Kind}: taken {taken[call.Call.Id]} times")),
            ],
        };
    }
}
