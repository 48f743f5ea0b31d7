using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>What the head of an answer says about an attempt.</summary>
internal static class AnswerOutcome
{
    /// <summary>The endpoint ends the request by the same deadline, and so do the services that it calls. An error after that is no failure
    /// of the endpoint if the deadline was inherited, and a timeout if it was the time of the call.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="now">When the head arrived.</param>
    /// <param name="refused">Whether the endpoint has refused the request, which says nothing against it yet.</param>
    public static CallOutcome Of(Attempt attempt, HttpResponseMessage response, MeshTime now, out bool refused)
    {
        var call = attempt.Call;
        if (response.StatusCode >= HttpStatusCode.BadRequest && attempt.SendsContext)
        {
            SpentDeadline.Restore(response);
        }

        // A gRPC answer without a message has its status in the headers. Other answers are unrelated, and mostly have a length that shows
        // it.
        var rpc = (call.IsGrpc || response.Content.Headers.ContentLength is null or 0) && response.IsSuccessStatusCode
            ? GrpcStatus.Of(response.Headers)
            : null;
        var outcome = rpc is { } status
            ? GrpcStatus.Outcome(status, response, now >= call.WholeDeadline - CallDeadline.Reserve)
            : OutcomeClassifier.Classify(response);
        if (outcome == CallOutcome.Ok && call.IsGrpc && GrpcStatus.IsForeign(response))
        {
            outcome = CallOutcome.UpstreamError;
        }

        refused = outcome == CallOutcome.Ok && Refusal.Is(attempt.Request, response, call.IsGrpc, rpc);
        if (outcome == CallOutcome.UpstreamError && AttemptDeadline.HasEndedByItsTime(attempt, response, now))
        {
            // Both clocks end together: which one the caller sees must not be chance. While there is time for another attempt, the answer
            // is one like any other.
            attempt.HasRest |= attempt.Cancellation!.HasRest;
            return attempt.HasRest || now >= call.Deadline ? CallOutcome.Timeout : outcome;
        }

        if (!call.DeadlineInherited
            || outcome is not (CallOutcome.Ok or CallOutcome.UpstreamError)
            || !AttemptDeadline.HasEnded(attempt, response, failed: outcome == CallOutcome.UpstreamError, now))
        {
            return outcome;
        }

        AttemptDeadline.NoteSpent(call);
        refused = false;
        return CallOutcome.Deadline;
    }
}
