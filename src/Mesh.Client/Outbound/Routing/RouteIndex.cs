using Mesh.Client.Matching;
using Mesh.Client.Model;

namespace Mesh.Client.Outbound.Routing;

/// <summary>Finds the first route that matches a call, however many there are. Immutable.</summary>
/// <remarks>Exact paths and prefixes are looked up by the path of the call, which has few beginnings, and of the others those with a header
/// of one value by that; only the rest is tried one after the other.</remarks>
internal sealed class RouteIndex
{
    private readonly Dictionary<string, Entry[]>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly Dictionary<string, Entry[]>.AlternateLookup<ReadOnlySpan<char>> _prefixes;
    private readonly (string Name, Dictionary<string, Entry[]>.AlternateLookup<ReadOnlySpan<char>> Values)[] _headers;
    private readonly Entry[] _others;
    private readonly int _count;

    /// <param name="routes">The matches of each route, in the order in which they are asked. One without matches takes all.</param>
    public RouteIndex(IReadOnlyList<IReadOnlyList<RouteMatch>> routes)
    {
        Entry[] all =
        [
            .. routes.SelectMany(static (matches, index) => (matches.Count == 0 ? [new RouteMatch()] : matches)
                .Select(match => new Entry(index, new CallMatcher(match)))),
        ];
        _exact = Indexed(all, static entry => entry.Matcher.Path?.Exact);
        _prefixes = Indexed(all, static entry => entry.Matcher.Path?.Prefix);
        var others = Array.FindAll(all, static entry => (entry.Matcher.Path?.Exact ?? entry.Matcher.Path?.Prefix) is null);
        _headers =
        [
            .. others.GroupBy(static entry => entry.Matcher.ExactHeader?.Name, StringComparer.OrdinalIgnoreCase)
                .Where(static group => group.Key is not null)
                .Select(static group => (group.Key!, Indexed([.. group], static entry => entry.Matcher.ExactHeader?.Value))),
        ];
        _others = Array.FindAll(others, static entry => entry.Matcher.ExactHeader is null);
        _count = routes.Count;
    }

    /// <returns>The index of the route; the number of routes for none.</returns>
    public int Find(in CallFacts call)
    {
        var path = call.Path;
        var first = _exact.TryGetValue(path, out var entries) ? First(entries, call, _count) : _count;
        if (_prefixes.Dictionary.Count > 0)
        {
            for (var end = path.Length; end >= 0; end = end == 0 ? -1 : path[..end].LastIndexOf('/'))
            {
                if (_prefixes.TryGetValue(path[..end], out entries))
                {
                    first = First(entries, call, first);
                }
            }
        }

        foreach (var (name, values) in _headers)
        {
            if (call.TryHeader(name, out var value) && values.TryGetValue(value, out entries))
            {
                first = First(entries, call, first);
            }
        }

        return First(_others, call, first);
    }

    private static int First(Entry[] entries, in CallFacts call, int before)
    {
        foreach (var entry in entries)
        {
            if (entry.Route >= before)
            {
                break;
            }

            if (entry.Matcher.IsMatch(call))
            {
                return entry.Route;
            }
        }

        return before;
    }

    private static Dictionary<string, Entry[]>.AlternateLookup<ReadOnlySpan<char>> Indexed(
        IEnumerable<Entry> entries, Func<Entry, string?> key) => entries
        .Where(entry => key(entry) is not null)
        .GroupBy(entry => key(entry)!, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    private sealed record Entry(int Route, CallMatcher Matcher);
}
