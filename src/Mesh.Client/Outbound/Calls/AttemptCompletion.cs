using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Step 13 of a call (see the README of this folder): reports the result of an attempt to everything that learns from
/// it.</summary>
internal sealed class AttemptCompletion(MeshClock clock, MeshMetrics metrics)
{
    /// <summary>Ends the attempt in any case: if a listener of metrics, a logger or a balancer of the application throws, the call still
    /// gets its result, and nothing stays in flight.</summary>
    /// <param name="attempt">The attempt, with its result.</param>
    public void Complete(Attempt attempt)
    {
        var now = clock.Now;
        var (call, lease, cancellation, left) = (attempt.Call, attempt.Lease, attempt.Cancellation!, attempt.WasLeft);
        var result = attempt.Result;
        var followed = result.Response is { } answered && IsFollowed(attempt, answered);

        // A body that breaks is a failure of the endpoint, whatever the status. So the verdict waits for the body, unless the head is a
        // failure already or another host has answered. gRPC callers read the body of a gRPC answer only.
        var status = (int?)result.Response?.StatusCode ?? 0;
        var head = followed && !left ? lease.OfHead(result, status) : HeadVerdict.Final;
        if (call.IsGrpc && head != HeadVerdict.Good)
        {
            head = HeadVerdict.Final;
        }

        // The wait for the answer to a large body begins at the end of that body.
        var sentAt = cancellation.Upload is { IsFollowed: true, IsFinished: true, MovedAt: var end } ? end : lease.Start;
        var asked = MeshTime.Max(lease.Start, sentAt);
        attempt.Waited = now - asked;
        attempt.HasAnswer = result.Response is not null && !left;
        GrpcEnd? rpc = null;
        try
        {
            if (result.Outcome != CallOutcome.Ok || status >= 400)
            {
                // Before it is recorded: if it ejects the endpoint, the log says why.
                Note(attempt, now);
            }

            if (head == HeadVerdict.Good && ResponseBody.EndsWithTrailers(call, result.Response!))
            {
                rpc = new GrpcEnd(attempt, result.Response!, metrics);
            }

            if (head is HeadVerdict.Refused or HeadVerdict.RefusedListed)
            {
                // Recorded at the end of the body, together with the latency: its value depends on what the other endpoints answer.
            }
            else if (result.IsRefusal)
            {
                // Without an answer there were too many headers, or no connection of the version or with that trust: no caller gets
                // anything from that endpoint.
                var sent = !result.MayBeSentAgain && result.Outcome != CallOutcome.ConnectFailure;
                lease.RecordRefusal(result.Charged, now, asked, counts: result.Response is null, sent);
            }
            else if (result.IsCutOff)
            {
                lease.RecordCutOff(now);
            }
            else if (head == HeadVerdict.Good)
            {
                lease.RecordHead(now, asked, result.Response!.Content is ResumedContent);
            }
            else if (result.IsOwnStall)
            {
                lease.RecordNothing(now);
            }
            else
            {
                attempt.IsUndecided = IsCutByGuess(attempt);
                if (!attempt.IsUndecided
                    && result.Outcome == CallOutcome.Timeout
                    && call.Cuts is not null
                    && lease.Endpoint.Health.AnsweredAt > lease.Start)
                {
                    // It would have needed all of its time on one endpoint. The next one of its kind may have that.
                    call.Target.Learned.Observe(now - call.Start);
                }

                var outcome = left && status >= 400 ? CallOutcome.LocalError : result.Outcome;
                lease.Record(outcome, now, asked, left ? 0 : status, attempt.IsUndecided);
            }

            if (rpc is null && metrics.CountsAttempts)
            {
                metrics.AttemptEnded(call.Service.Name, lease.Endpoint.Name, result.Outcome, attempt.Reason);
            }

            if (result.Outcome == CallOutcome.Canceled && !call.IsGrpc && cancellation.Upload is null or { IsFinished: true })
            {
                NoteGivenUp(call, lease.Endpoint, asked);
            }

            if (lease.Endpoint.IsDraining)
            {
                call.Target.Owner.Draining.Used(lease.Endpoint, IsRefused(result.Exception));
            }

            if (!call.Primary.IsOwn
                && (result.Response is not null || result.Outcome is CallOutcome.Timeout or CallOutcome.Deadline or CallOutcome.Canceled))
            {
                lease.Endpoint.Observe(
                    attempt.Transport,
                    attempt.Request,
                    result.Response,
                    lease.Start,
                    now,
                    result.Charged == CallOutcome.Timeout);
            }

            if (result.Response?.StatusCode == HttpStatusCode.RequestHeaderFieldsTooLarge)
            {
                metrics.HeaderOversize(call.Service.Name);
            }

            if (result.Response is { } answer && !attempt.MayRoam)
            {
                ApplyResponseHeaders(attempt, answer, now);
            }
        }
        catch (Exception)
        {
            // Reporting itself has failed; there is nothing to report that to.
        }

        if (followed)
        {
            // A request body may still be under way while the response is read (gRPC, duplex), or the attempt may have a read under way:
            // the caller's token must still reach them.
            var response = result.Response!;
            var sending = response.Content is ResumedContent || cancellation.Upload is { IsFinished: false } ? attempt.DetachTime() : null;

            // In flight until its last byte; from here on only silence ends it.
            response.Content = new StreamedContent(
                response,
                lease,
                clock,
                ResponseBody.IdleTimeout(response, call.Policy),
                sending,
                head,
                asked,
                rpc,
                call.IsSecure,
                call.Primary.IsOwn);
            if (sending is not null)
            {
                return;
            }
        }
        else
        {
            lease.Exit();
        }

        attempt.EndTime();
    }

    /// <summary>Whether a learned time has ended the attempt, and the endpoint answered others meanwhile. A trial is decided at once: its
    /// endpoint has failed before.</summary>
    private static bool IsCutByGuess(Attempt attempt) =>
        attempt.Result.Outcome == CallOutcome.Timeout
        && attempt.Cancellation!.IsCancelled
        && !attempt.HasRest
        && !attempt.OnTrial
        && attempt.Call.Policy.AttemptTimeout is null
        && attempt.Endpoint.Health.AnsweredAt > attempt.Start;

    private static bool IsRefused(Exception? exception) =>
        exception is HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } };

    // Apart: it allocates.
    private static void NoteGivenUp(Call call, Endpoint endpoint, MeshTime asked) =>
        call.Service.NoteGivenUp(
            endpoint, asked, call.FirstRoute.Policy.Timeout, () => call.WhereToSet(nameof(CallPolicy.Timeout)));

    /// <summary>Describes the failure of the attempt: for the call's exception, and for the log of an ejection.</summary>
    private static void Note(Attempt attempt, MeshTime now)
    {
        var result = attempt.Result;
        var failure = FailureText.Of(result);
        attempt.Took = now - attempt.Start;
        if (!attempt.WasLeft
            && (result.IsRefusal || result.IsCutOff || result.Charged.IsFailure() || result.Response is not null))
        {
            attempt.Endpoint.Health.LastFailure = failure;
        }

        if (result.Outcome != CallOutcome.Ok)
        {
            attempt.Failure = new FailedAttempt
            {
                Endpoint = attempt.Call.NameOf(attempt.Endpoint),
                Outcome = result.Outcome.Name(),
                Failure = failure,
                Duration = attempt.Took,
            };
        }
    }

    /// <summary>A response from the user's handler may not know its own length.</summary>
    private static bool IsFollowed(Attempt attempt, HttpResponseMessage response)
    {
        try
        {
            return ResponseBody.KindOf(attempt, response) != BodyKind.None;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>Reads the endpoint's reports about itself and removes them: else a proxying application would forward them as its
    /// own.</summary>
    private static void ApplyResponseHeaders(Attempt attempt, HttpResponseMessage answer, MeshTime now)
    {
        var (lease, outcome, draining) = (attempt.Lease, attempt.Result.Outcome, attempt.Call.Target.Owner.Draining);
        var headers = answer.Headers.NonValidated;
        if (headers.TryGetValues(MeshHeaders.Load, out var values))
        {
            lease.Report(LoadReport.TryParse(values.ToString(), out var report) ? report : null, now);
            answer.Headers.Remove(MeshHeaders.Load);
        }
        else if (outcome == CallOutcome.Ok)
        {
            lease.Report(null, now);
        }

        if (outcome != CallOutcome.Ok && headers.Contains(MeshHeaders.Outcome))
        {
            answer.Headers.Remove(MeshHeaders.Outcome);
        }

        if (headers.TryGetValues(MeshHeaders.Draining, out var notice))
        {
            var isStarting = notice.ToString() == MeshHeaders.DrainingStarting;
            if (isStarting)
            {
                draining.Replaced(lease.Endpoint, lease.Start);
            }

            draining.Begin(lease.Endpoint, isStarting);
            answer.Headers.Remove(MeshHeaders.Draining);
        }
        else if (lease.Endpoint.IsDraining && attempt.SendsContext && !IsOfServerItself(answer.StatusCode))
        {
            draining.Replaced(lease.Endpoint, lease.Start);
            if (outcome == CallOutcome.Ok)
            {
                draining.Refute(lease.Endpoint, lease.Start);
            }
        }
    }

    /// <summary>Whether a server answers so before its application, and so without the notice of the mesh.</summary>
    private static bool IsOfServerItself(HttpStatusCode status) => status is
        HttpStatusCode.BadRequest
        or HttpStatusCode.RequestTimeout
        or HttpStatusCode.LengthRequired
        or HttpStatusCode.RequestEntityTooLarge
        or HttpStatusCode.RequestUriTooLong
        or HttpStatusCode.ExpectationFailed
        or HttpStatusCode.MisdirectedRequest
        or HttpStatusCode.RequestHeaderFieldsTooLarge
        or HttpStatusCode.HttpVersionNotSupported;
}
