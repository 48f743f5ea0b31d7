using System.Globalization;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The deadline of a call as its endpoints see it: what they are told, and what they answer when it is over.</summary>
internal static class AttemptDeadline
{
    /// <summary>The most that can be left of an inherited deadline when an endpoint reports it as spent: each of up to eight hops behind it
    /// keeps a reserve of its own, and deadlines are sent in whole milliseconds.</summary>
    private static readonly TimeSpan MaxRestAtEnd = TimeSpan.FromMilliseconds(50);

    /// <summary>The same for a server error that does not mention the deadline: two hops.</summary>
    private static readonly TimeSpan MaxRestAtError = 3 * CallDeadline.Reserve;

    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    /// <summary>The time left for the endpoint, in whole milliseconds; null when there is no deadline.</summary>
    public static string? Text(Attempt attempt, MeshTime now)
    {
        // Timeout and the deadline of an HTTP request only cover the headers, and the endpoint would end the stream by them. A deadline
        // that moves cannot be sent.
        var call = attempt.Call;
        var isFixed = call.IsGrpc || attempt.DeadlineMoves;
        var until = call.IsGrpc ? call.WholeDeadline : isFixed ? call.FixedDeadline : call.Deadline;
        if (until.IsNever)
        {
            return null;
        }

        return !isFixed && !call.DeadlineInherited && now - call.Start < OneMillisecond
            ? call.FirstRoute.Policy.TimeoutText
            : Math.Max(1, (until - now).WholeMilliseconds()).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Whether an answer is a consequence of the deadline that the call has inherited and passed on. An endpoint cannot use it as
    /// an excuse: it is accepted only when the time is nearly over.</summary>
    public static bool HasEnded(Attempt attempt, HttpResponseMessage response, bool failed, MeshTime now)
    {
        var call = attempt.Call;
        var rest = call.Deadline - now;
        return call.DeadlineInherited
            && rest <= MaxRestAtEnd
            && attempt.SendsContext
            && (!call.IsGrpc || call.Deadline == call.WholeDeadline)
            && ((failed && rest <= MaxRestAtError)
                || SpentDeadline.IsMarked(response));
    }

    /// <summary>Whether an answer is a consequence of the call's own time, which the endpoint got as the deadline. As above, it is accepted
    /// only when the time is nearly over.</summary>
    /// <remarks>Not for gRPC: there the policy's time limits only the headers, and is not sent.</remarks>
    public static bool HasEndedByItsTime(Attempt attempt, HttpResponseMessage response, MeshTime now)
    {
        var call = attempt.Call;
        return !call.DeadlineInherited
            && !attempt.DeadlineMoves
            && !call.IsGrpc
            && call.Deadline - now <= MaxRestAtEnd
            && attempt.SendsContext
            && SpentDeadline.IsMarked(response);
    }

    /// <summary>Tells the request that the call belongs to: a failure that the application answers then is not this server's.</summary>
    public static void NoteSpent(Call call)
    {
        if (!call.DeadlineIsItsOwn && call.Context is { HasRequestDeadline: true })
        {
            call.Holder?.NoteDeadlineSpent();
        }
    }
}
