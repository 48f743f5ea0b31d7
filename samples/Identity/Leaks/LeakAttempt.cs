using Identity.Recording;
using Identity.Roles;

namespace Identity.Leaks;

/// <summary>What came of an attempt, on both sides.</summary>
internal sealed record LeakAttempt(LeakPlan Plan, string Token, CallResult Result, RecordedRequest[] AtAudit, RecordedRequest[] AtStranger)
{
    // Besides the token itself: what says something of the user or of this mesh.
    private static readonly string[] Telling = ["authorization", "cookie", "baggage", "mesh-"];

    /// <summary>What the caller got, in a word.</summary>
    public string CallerGot => Result.Error ?? $"{Result.Status}";

    /// <summary>What arrived, in a line for each recorder that something arrived at.</summary>
    public string Arrived
    {
        get
        {
            var lines = AtAudit.Select(request => $"{Role.Audit}: a request {(HasToken(request) ? "with the token" : "WITHOUT the token")}")
                .Concat(AtStranger.Select(request => $"{Role.Stranger}: a request {(IsClean(request) ? "without it" : "THAT TELLS")}; "
                    + $"headers {string.Join(", ", request.Headers.Keys)}"))
                .DefaultIfEmpty("nothing");
            return string.Join('\n', lines);
        }
    }

    /// <summary>Whether the token, or what else tells of the user or the mesh, arrived where it must not.</summary>
    public bool Leaked => AtAudit.Count(HasToken) > Plan.AtAudit || AtStranger.Any(request => !IsClean(request));

    public IEnumerable<Check> Checks()
    {
        yield return new($"{Plan.Title}: the caller gets {Plan.CallerGets}", CallerGot == Plan.CallerGets);
        yield return new($"{Plan.Title}: at {Role.Audit} arrives "
            + $"{(Plan.AtAudit == 0 ? "nothing" : "the token, once")}", AtAudit.Length == Plan.AtAudit && AtAudit.All(HasToken));
        yield return new(
            $"{Plan.Title}: at {Role.Stranger} arrives "
            + $"{(Plan.AtStranger == 0 ? "nothing" : "one request, with nothing of the user or the mesh")}",
            AtStranger.Length == Plan.AtStranger && AtStranger.All(IsClean));
    }

    private bool HasToken(RecordedRequest request) => request.Headers.GetValueOrDefault("Authorization") == $"Bearer {Token}";

    private bool IsClean(RecordedRequest request) =>
        !request.Contains(Token)
        && !request.Headers.Keys.Any(name => Telling.Any(telling => name.StartsWith(telling, StringComparison.OrdinalIgnoreCase)));
}
