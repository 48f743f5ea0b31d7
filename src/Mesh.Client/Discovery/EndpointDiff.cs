namespace Mesh.Client.Discovery;

/// <summary>What a new list of a source changes, found by going through the old and the new one side by side: a source that describes an endpoint as
/// before gives the same object, in the same order.</summary>
/// <remarks>Where that does not hold, more is taken for changed than has changed. That costs time and nothing else: who is changed is compared by address.</remarks>
internal readonly struct EndpointDiff
{
    /// <summary>How far ahead an object is looked for that is not at its place.</summary>
    private const int Reach = 8;

    private EndpointDiff(Endpoint?[] kept, List<int> fresh, List<Endpoint> leaving)
    {
        Kept = kept;
        Fresh = fresh;
        Leaving = leaving;
    }

    /// <summary>For each that is wanted, the endpoint that it describes already; null for the others.</summary>
    public Endpoint?[] Kept { get; }

    /// <summary>Where the others stand.</summary>
    public List<int> Fresh { get; }

    /// <summary>The endpoints that nothing in the new list stands for, as far as is known.</summary>
    public List<Endpoint> Leaving { get; }

    public bool IsEmpty => Fresh.Count == 0 && Leaving.Count == 0;

    public static EndpointDiff Between(Endpoint[] known, EndpointDescription[] wanted)
    {
        var kept = new Endpoint?[wanted.Length];
        List<int> fresh = [];
        List<Endpoint> leaving = [];
        var next = 0;
        for (var i = 0; i < kept.Length; i++)
        {
            var description = wanted[i];
            if (IndexOf(known, next, description) is >= 0 and var found)
            {
                leaving.AddRange(known.AsSpan(next, found - next));
                kept[i] = known[found];
                next = found + 1;
                continue;
            }

            fresh.Add(i);
            if (next < known.Length && !IsAhead(wanted, i + 1, known[next].Description))
            {
                leaving.Add(known[next++]);
            }
        }

        leaving.AddRange(known.AsSpan(next));
        return HasDoubles(kept, fresh, wanted) ? Everything(known, wanted) : new EndpointDiff(kept, fresh, leaving);
    }

    /// <summary>As if nothing were known of the new list.</summary>
    public static EndpointDiff Everything(Endpoint[] known, EndpointDescription[] wanted) =>
        new(new Endpoint?[wanted.Length], [.. Enumerable.Range(0, wanted.Length)], [.. known]);

    private static int IndexOf(Endpoint[] known, int start, EndpointDescription description)
    {
        for (var i = start; i < known.Length && i < start + Reach; i++)
        {
            if (ReferenceEquals(known[i].Description, description))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool IsAhead(EndpointDescription[] wanted, int start, EndpointDescription description)
    {
        for (var i = start; i < wanted.Length && i < start + Reach; i++)
        {
            if (ReferenceEquals(wanted[i], description))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one that is new may have the address of one that is kept: then the order of the list decides, which is more than is known here.</summary>
    private static bool HasDoubles(Endpoint?[] kept, List<int> fresh, EndpointDescription[] wanted)
    {
        if (fresh.Count == 0)
        {
            return false;
        }

        var addresses = new HashSet<int>();
        foreach (var i in fresh)
        {
            addresses.Add(wanted[i].AddressHash);
        }

        return Array.Exists(kept, endpoint => endpoint is not null && addresses.Contains(endpoint.Description.AddressHash));
    }
}
