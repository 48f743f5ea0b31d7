namespace Mesh.Architecture.Tests;

/// <summary>Who uses whom, and which of them can reach each other in both directions.</summary>
public sealed class Graph
{
    private readonly SortedDictionary<string, SortedSet<string>> _edges = new(StringComparer.Ordinal);

    public Graph(IEnumerable<(string From, string To)> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        foreach (var (from, to) in edges)
        {
            To(from).Add(to);
            To(to);
        }
    }

    public IEnumerable<string> Nodes => _edges.Keys;

    public bool Has(string from, string to) => _edges.TryGetValue(from, out var targets) && targets.Contains(to);

    /// <summary>The cycles of two nodes: both use each other.</summary>
    public IReadOnlyList<(string First, string Second)> MutualPairs() =>
    [
        .. _edges.SelectMany(edge => edge.Value
            .Where(to => string.CompareOrdinal(edge.Key, to) < 0 && Has(to, edge.Key))
            .Select(to => (edge.Key, to))),
    ];

    /// <summary>The strongly connected components of more than one node, the biggest first (Tarjan 1972).</summary>
    public IReadOnlyList<IReadOnlyList<string>> Cycles()
    {
        var index = new Dictionary<string, int>();
        var low = new Dictionary<string, int>();
        var stack = new Stack<string>();
        var open = new HashSet<string>();
        var cycles = new List<IReadOnlyList<string>>();
        foreach (var node in _edges.Keys.Where(node => !index.ContainsKey(node)))
        {
            Visit(node);
        }

        return [.. cycles.OrderByDescending(static cycle => cycle.Count).ThenBy(static cycle => cycle[0], StringComparer.Ordinal)];

        void Visit(string node)
        {
            index[node] = low[node] = index.Count;
            stack.Push(node);
            open.Add(node);
            foreach (var next in _edges[node])
            {
                if (!index.TryGetValue(next, out var known))
                {
                    Visit(next);
                    low[node] = Math.Min(low[node], low[next]);
                }
                else if (open.Contains(next))
                {
                    low[node] = Math.Min(low[node], known);
                }
            }

            if (low[node] == index[node])
            {
                var component = new List<string>();
                string member;
                do
                {
                    member = stack.Pop();
                    open.Remove(member);
                    component.Add(member);
                }
                while (member != node);

                if (component.Count > 1)
                {
                    component.Sort(StringComparer.Ordinal);
                    cycles.Add(component);
                }
            }
        }
    }

    private SortedSet<string> To(string node)
    {
        if (!_edges.TryGetValue(node, out var targets))
        {
            _edges.Add(node, targets = new SortedSet<string>(StringComparer.Ordinal));
        }

        return targets;
    }
}
