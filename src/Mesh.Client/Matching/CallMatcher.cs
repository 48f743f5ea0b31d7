using System.Text.RegularExpressions;
using Mesh.Client.Model;

namespace Mesh.Client.Matching;

/// <summary>Tells whether a call is one of those that a match describes. Immutable; no allocation, unless a query is escaped or a header
/// has several lines.</summary>
internal sealed class CallMatcher(RouteMatch match)
{
    private readonly PathTemplate? _path = match.Path is { } path ? PathTemplate.Parse(path) : null;
    private readonly Regex? _regex = match.PathRegex is { } regex ? RegexBound.Make(regex) : null;
    private readonly HttpMethod[] _methods = [.. match.Methods.Select(static method => HttpMethod.Parse(method))];
    private readonly (string Name, TextMatcher Value)[] _headers = Compile(match.Headers);
    private readonly (string Name, TextMatcher Value)[] _query = Compile(match.Query);
    private readonly string[] _clients = [.. match.Clients];

    public PathTemplate? Path => _path;

    /// <summary>A header that must have just one value; null for none.</summary>
    public (string Name, string Value)? ExactHeader
    {
        get
        {
            foreach (var (name, wanted) in match.Headers)
            {
                if (wanted.Kind == TextMatchKind.Exact)
                {
                    return (name, wanted.Value);
                }
            }

            return null;
        }
    }

    public bool IsMatch(in CallFacts call) =>
        (_path is null || _path.IsMatch(call.Path))
        && (_methods.Length == 0 || Array.IndexOf(_methods, call.Method) >= 0)
        && (_clients.Length == 0 || Array.IndexOf(_clients, call.Client) >= 0)
        && HasHeaders(call)
        && HasQuery(call)
        && (_regex is null || _regex.IsMatch(call.Path));

    private static (string Name, TextMatcher Value)[] Compile(IEnumerable<(string Name, TextMatch Value)> matches) =>
        [.. matches.Select(static match => (match.Name, new TextMatcher(match.Value)))];

    private bool HasHeaders(in CallFacts call)
    {
        foreach (var (name, wanted) in _headers)
        {
            if (call.TryHeader(name, out var value) ? !wanted.IsMatch(value) : !wanted.WantsAbsence)
            {
                return false;
            }
        }

        return true;
    }

    private bool HasQuery(in CallFacts call)
    {
        foreach (var (name, wanted) in _query)
        {
            if (call.TryQuery(name, out var value) ? !wanted.IsMatch(value) : !wanted.WantsAbsence)
            {
                return false;
            }
        }

        return true;
    }
}
