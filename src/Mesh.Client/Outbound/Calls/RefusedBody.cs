using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The verdict about a refusal at the end of its body.</summary>
internal static class RefusedBody
{
    /// <param name="lease">The claim on the endpoint.</param>
    /// <param name="head">The verdict of its head.</param>
    /// <param name="how">How the body ended.</param>
    /// <param name="asked">When the wait for the head began.</param>
    /// <param name="answered">When the head arrived, microseconds.</param>
    /// <param name="now">When the body ended.</param>
    /// <param name="trial">Whether it decides about an ejected endpoint.</param>
    public static void Record(
        in AttemptLease lease, HeadVerdict head, BodyEnd how, MeshTime asked, MeshTime answered, MeshTime now, bool trial)
    {
        if (head == HeadVerdict.Overloaded)
        {
            if (how == BodyEnd.Broken)
            {
                lease.RecordBreak(now);
            }
        }
        else if (how is BodyEnd.Complete or BodyEnd.Left)
        {
            // Left: counts for a trial, too. Callers that get a 404 often read no further, and the endpoint must come back.
            lease.RecordRefusedBody(head == HeadVerdict.RefusedListed, answered - asked, now, trial);
        }
        else
        {
            // A quick head must not make the endpoint look fast.
            lease.RecordHead(answered, asked, held: true);
            var outcome = how == BodyEnd.Broken ? CallOutcome.UpstreamReset : CallOutcome.Canceled;
            lease.RecordBody(outcome, answered, now, measured: false, trial, refused: false);
        }
    }
}
