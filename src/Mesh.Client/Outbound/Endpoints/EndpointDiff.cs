namespace Mesh.Client.Outbound.Endpoints;

/// <summary>The changes in a new list of a source, found by walking the old and the new list in parallel: for an unchanged endpoint a
/// source gives the same object, mostly in the same order.</summary>
/// <remarks>One pass that compares references, and one array, however long the lists are; objects are looked up only where the lists differ
/// for long. It may over-report changes. That only costs time: changed endpoints are compared by address.</remarks>
internal readonly struct EndpointDiff
{
    /// <summary>How far ahead the lists are searched for their next common endpoint. The cost is the square of the distance.</summary>
    private const int Reach = 64;

    private const int Marks = 64;

    private readonly bool _moved;

    private EndpointDiff(Endpoint?[] kept, List<int> fresh, List<Endpoint> leaving, bool moved = false)
    {
        _moved = moved;
        Kept = kept;
        Fresh = fresh;
        Leaving = leaving;
    }

    /// <summary>For each description, the endpoint that it describes already; null for the others.</summary>
    public Endpoint?[] Kept { get; }

    /// <summary>The indexes of the others.</summary>
    public List<int> Fresh { get; }

    /// <summary>The endpoints without a match in the new list, as far as known.</summary>
    public List<Endpoint> Leaving { get; }

    /// <summary>Whether the new list equals the old one, in the same order.</summary>
    public bool IsEmpty => Fresh.Count == 0 && Leaving.Count == 0 && !_moved;

    public static EndpointDiff Between(Endpoint[] known, EndpointDescription[] wanted)
    {
        var diff = new EndpointDiff(new Endpoint?[wanted.Length], [], []);
        var (k, w) = (0, 0);
        while (k < known.Length && w < wanted.Length)
        {
            if (ReferenceEquals(known[k].Description, wanted[w]))
            {
                diff.Kept[w++] = known[k++];
            }
            else if (Meet(known, wanted, ref k, ref w, diff))
            {
                diff.Kept[w++] = known[k++];
            }
            else
            {
                diff.LookUp(known.AsSpan(k), wanted, w);
                diff = new EndpointDiff(diff.Kept, diff.Fresh, diff.Leaving, moved: true);
                (k, w) = (known.Length, wanted.Length);
            }
        }

        diff.Pass(known.AsSpan(k), w, wanted.Length);
        return HasDoubles(diff, wanted) ? Everything(known, wanted) : diff;
    }

    /// <summary>Treats every endpoint as new.</summary>
    public static EndpointDiff Everything(Endpoint[] known, EndpointDescription[] wanted) =>
        new(new Endpoint?[wanted.Length], [.. Enumerable.Range(0, wanted.Length)], [.. known]);

    /// <summary>Moves to the next place where both lists have the same endpoint.</summary>
    /// <returns>False when there is none within reach.</returns>
    private static bool Meet(Endpoint[] known, EndpointDescription[] wanted, ref int k, ref int w, in EndpointDiff diff)
    {
        for (var far = 1; far <= Reach; far++)
        {
            for (var near = 0; near <= far; near++)
            {
                if (IsSame(known, k + near, wanted, w + far))
                {
                    diff.Pass(known.AsSpan(k, near), w, w + far);
                    (k, w) = (k + near, w + far);
                    return true;
                }

                if (IsSame(known, k + far, wanted, w + near))
                {
                    diff.Pass(known.AsSpan(k, far), w, w + near);
                    (k, w) = (k + far, w + near);
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsSame(Endpoint[] known, int k, EndpointDescription[] wanted, int w) =>
        k < known.Length && w < wanted.Length && ReferenceEquals(known[k].Description, wanted[w]);

    /// <summary>Records what lies between two common endpoints.</summary>
    private void Pass(ReadOnlySpan<Endpoint> leaving, int from, int to)
    {
        Leaving.AddRange(leaving);
        for (var i = from; i < to; i++)
        {
            Fresh.Add(i);
        }
    }

    /// <summary>Looks up the rest of both lists, in any order.</summary>
    private void LookUp(ReadOnlySpan<Endpoint> known, EndpointDescription[] wanted, int from)
    {
        var left = new Dictionary<EndpointDescription, Endpoint>(known.Length, ReferenceEqualityComparer.Instance);
        foreach (var endpoint in known)
        {
            left.Add(endpoint.Description, endpoint);
        }

        for (var i = from; i < wanted.Length; i++)
        {
            if (left.Remove(wanted[i], out Kept[i]))
            {
                continue;
            }

            Fresh.Add(i);
        }

        Leaving.AddRange(left.Values);
    }

    /// <summary>Whether a new one may have the address of a kept one: then the order of the list decides, which is not known
    /// here.</summary>
    private static bool HasDoubles(in EndpointDiff diff, EndpointDescription[] wanted)
    {
        if (diff.Fresh.Count == 0)
        {
            return false;
        }

        // One bit is enough to tell most of the kept ones apart.
        var addresses = new HashSet<int>();
        Span<ulong> marks = stackalloc ulong[Marks];
        foreach (var i in diff.Fresh)
        {
            var hash = wanted[i].AddressHash;
            addresses.Add(hash);
            marks[(hash >> 6) & (Marks - 1)] |= 1UL << hash;
        }

        for (var i = 0; i < wanted.Length; i++)
        {
            if (diff.Kept[i] is not null
                && wanted[i].AddressHash is var hash
                && (marks[(hash >> 6) & (Marks - 1)] & (1UL << hash)) != 0
                && addresses.Contains(hash))
            {
                return true;
            }
        }

        return false;
    }
}
