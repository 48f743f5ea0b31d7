using System.Diagnostics;
using System.Net.Http.Headers;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The fields that the runtime's client span writes into a request (<c>traceparent</c> and the like) describe one attempt. They
/// are removed after it, since the runtime does not overwrite existing ones: the next attempt would carry the span of this one.</summary>
internal readonly struct TraceFields
{
    /// <summary>The fields of the process's propagator. Racing threads make equal ones.</summary>
    private static Known? _known;

    private readonly bool _noted;
    private readonly int _count;
    private readonly uint _users;

    private TraceFields(int count, uint users)
    {
        _noted = true;
        _count = count;
        _users = users;
    }

    /// <summary>Notes the fields that the user has written; they stay. To be called before anything else is set on the request.</summary>
    public static TraceFields Note(HttpRequestMessage request)
    {
        var headers = request.Headers;
        var count = headers.NonValidated.Count;
        return new TraceFields(count, count == 0 ? 0 : Present(headers));
    }

    /// <summary>Restores the fields. To be called when everything else is removed. Must not throw: the attempt is completed after
    /// it.</summary>
    public void Restore(HttpRequestMessage request)
    {
        // Nearly always true without a trace: then no search is needed. A field of the user may have been exchanged for another.
        var headers = request.Headers;
        if (!_noted || (_users == 0 && headers.NonValidated.Count == _count))
        {
            return;
        }

        var names = Names();
        for (var i = 0; i < names.Length; i++)
        {
            if ((_users & (1U << i)) == 0)
            {
                headers.Remove(names[i]);
            }
        }
    }

    private static uint Present(HttpRequestHeaders headers)
    {
        var users = 0U;
        var names = Names();
        for (var i = 0; i < names.Length; i++)
        {
            if (headers.NonValidated.Contains(names[i]))
            {
                users |= 1U << i;
            }
        }

        return users;
    }

    private static string[] Names()
    {
        var propagator = DistributedContextPropagator.Current;
        var known = Volatile.Read(ref _known);
        if (known is null || !ReferenceEquals(known.Propagator, propagator))
        {
            // At most as many as a bit mask holds; common propagators have up to six.
            known = new Known(propagator, [.. propagator.Fields.Take(32)]);
            Volatile.Write(ref _known, known);
        }

        return known.Names;
    }

    private sealed record Known(DistributedContextPropagator Propagator, string[] Names);
}
