using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>One attempt on one endpoint: steps 8 to 13 of a call (see the README of this folder). The result is the call's
/// <see cref="Call.Last"/>.</summary>
internal sealed class AttemptPipeline(MeshClock clock, MeshMetrics metrics, Credentials credentials)
{
    /// <summary>How often an attempt resends what its endpoint has not processed, if no other endpoint is left.</summary>
    private const int MaxResends = 3;

    private readonly AttemptCompletion _completion = new(clock, metrics);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(Call call)
    {
        var start = clock.Now;
        if (start >= call.Deadline)
        {
            call.Last = CallErrors.TimedOut(call, null);
            return;
        }

        // 8 pick
        var endpoint = EndpointPicker.Pick(call, start, out var trial);
        if (endpoint is null)
        {
            call.Last = CallErrors.NoEndpoint(call);
            return;
        }

        // 9 enter
        var lease = AttemptLease.Enter(call, endpoint, start, trial);

        // 10 credentials: after the choice, since they depend on the endpoint; before the time of the attempt runs.
        BearerToken? token = null;
        if (call.Model.Credentials.Mode != CredentialMode.None)
        {
            if (!credentials.TryGet(call, endpoint, start, out var grant))
            {
                var asked = credentials.GetAsync(call, endpoint, start);
                var atHand = asked.IsCompletedSuccessfully;
                grant = await asked.ConfigureAwait(false);
                if (!atHand)
                {
                    // The wait for the token is not the endpoint's latency.
                    start = clock.Now;
                    lease = lease.Restart(start);
                }
            }

            if (grant.Failure is { } failure)
            {
                Refuse(call, lease, failure);
                return;
            }

            token = grant.Token;
        }

        call.DepositFirst();

        // 11 timeout. A source is used once if the user's code may keep its token.
        var upload = Upload.For(call, clock);
        var time = AttemptTime.For(call, endpoint, start);
        var cancellation = AttemptCancellation.Rent(
            clock.TimeProvider, time, call.CallerToken, leavesOurHands: upload is not null || call.Primary.IsOwn);
        if (!call.AttemptHasRest && !RetryRules.IsFree(call))
        {
            cancellation.CutShortFor(call.Target.Subset, endpoint, EndpointPicker.IsSecure(call), call.Deadline - start);
        }

        if (upload is not null)
        {
            UploadTime.Follow(call, upload, cancellation, time);
        }

        AttemptResult result;
        bool left;
        var resends = 0;
        do
        {
            var sent = false;
            left = false;
            try
            {
                // 12 send. Setting the address is part of it: nothing between enter and complete may throw past complete.
                Edit(call, endpoint, upload, token, resends == 0 ? start : clock.Now);
                sent = true;
                var response = await SendOn(endpoint, call, cancellation.Token).ConfigureAwait(false)
                    ?? throw CallErrors.NoResponse();
                SessionCookies.Keep(call, response);
                UploadTime.Extend(call, upload);
                var outcome = Judge(call, response, cancellation, out var refused);
                left = AttemptEdits.Of(call.Use).Target.WasLeft(response);
                call.AnsweredAt = AttemptEdits.Of(call.Use).Target.MovedTo(endpoint);
                if (left && outcome is not (CallOutcome.Ok or CallOutcome.Deadline))
                {
                    // The failure belongs to another host.
                    outcome = CallOutcome.LocalError;
                }

                // The head of a redirect or a refusal is the answer: it does not wait for its body, which changes nothing. If that body
                // breaks, the request was processed and is not repeated, but it is a failure of the endpoint (step 13).
                if (outcome == CallOutcome.Ok && response.IsSuccessStatusCode && ResponseBody.KindOf(call, response) == BodyKind.Small)
                {
                    await SmallBody.ReadAsync(call, response, cancellation).ConfigureAwait(false);
                }

                result = new AttemptResult(response, outcome) { IsRefusal = refused && !left };
            }
            catch (Exception exception)
            {
                UploadTime.Extend(call, upload);
                call.AttemptHasRest |= cancellation.HasRest;
                left = left || AttemptEdits.Of(call.Use).Target.WasLeft(null);
                result = CallErrors.FromException(call, cancellation, sent, exception, left, AttemptEdits.Of(call.Use).Target.IsKept);
            }
            finally
            {
                Restore(call);
            }
        }
        // An endpoint that refuses a request would refuse it again: the request can only go elsewhere.
        while (result is { MayBeSentAgain: true, IsRefusal: false } && MaySendAgain(call, cancellation, resends++));

        if (cancellation.HasPromise)
        {
            call.Promise(result.Outcome == CallOutcome.Timeout);
        }

        // The answer is recorded as what it is, and the call ends as it does without one.
        var late = result is { Outcome: CallOutcome.Timeout, Response: { } answer } ? CallErrors.AnsweredTooLate(call, answer) : default;

        // 13 complete
        _completion.Complete(call, lease, cancellation, result, left);
        if (late.Exception is not null)
        {
            result.Response!.Dispose();
            call.Last = late;
        }
    }

    /// <summary>Whether no endpoint may get the token that the call would carry; the result is then <see cref="Call.Last"/>.</summary>
    public async ValueTask<bool> RefusesAsync(Call call)
    {
        if (call.Model.Credentials.Mode == CredentialMode.None)
        {
            return false;
        }

        var now = clock.Now;
        if (!credentials.TryGet(call, endpoint: null, now, out var grant))
        {
            grant = await credentials.GetAsync(call, endpoint: null, now).ConfigureAwait(false);
        }

        if (grant.Failure is not { } failure)
        {
            return false;
        }

        call.Last = NotSent(failure);
        return true;
    }

    /// <summary>Puts on the request what the attempt needs. Noted as it is done: a step may throw.</summary>
    private static void Edit(Call call, Endpoint endpoint, Upload? upload, BearerToken? token, MeshTime now)
    {
        call.KeepRequest();
        var use = call.Use;
        var edits = AttemptEdits.Of(use);
        use.BeginEdit();
        edits.Trace = TraceFields.Note(call.Request);
        edits.Target = RequestTarget.Apply(call, endpoint);
        edits.Headers = ContextHeaders.Apply(call, call.Model.Mesh.Context.Caller, now);
        edits.Body = AttemptBody.Apply(call, upload);
        edits.Token = token;
        token?.WriteTo(call.Request.Headers);
        edits.Cookies = SessionCookies.Apply(call);
        use.EndEdit();
    }

    private static void Restore(Call call)
    {
        var use = call.Use;
        var edits = AttemptEdits.Of(use);
        use.BeginEdit();
        edits.Restore(call.Request);
        edits.Clear();
        use.EndEdit();
    }

    /// <summary>Whether to resend a request that was not processed. A server that closes a connection rejects requests that arrive on it
    /// meanwhile: a new connection solves that, and it is no failure yet.</summary>
    private bool MaySendAgain(Call call, AttemptCancellation cancellation, int resends) =>
        resends < (EndpointPicker.HasUntried(call) ? 1 : MaxResends)
        && call.Policy.MaxRetries > 0
        && !call.Primary.IsOwn
        && !cancellation.Token.IsCancellationRequested
        && clock.Now < call.Deadline;

    /// <summary>Nothing was sent: the failure concerns neither endpoint nor service.</summary>
    private static void Refuse(Call call, in AttemptLease lease, Exception failure)
    {
        lease.Abandon();
        call.Attempts--;
        call.Last = NotSent(failure);
    }

    private static AttemptResult NotSent(Exception failure) =>
        new(failure, failure is TokenException ? CallOutcome.TokenFailure : CallOutcome.Canceled);

    private static Task<HttpResponseMessage> SendOn(Endpoint endpoint, Call call, CancellationToken token) =>
        AttemptTelemetry.IsListening ? SendTraced(endpoint, call, token) : Send(endpoint, call, token);

    // In a method of its own, so that a send without a listener has no frame for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<HttpResponseMessage> SendTraced(Endpoint endpoint, Call call, CancellationToken token)
    {
        var facts = AttemptTelemetry.Begin(endpoint, call);
        try
        {
            return call.Primary.IsOwn && Activity.Current is { } activity && activity.Baggage.Any()
                ? SendShieldedAsync(endpoint, call, activity, token)
                : Send(endpoint, call, token);
        }
        finally
        {
            facts.End();
        }
    }

    /// <summary>Asynchronous, so that the span current inside of it is not the caller's.</summary>
    private static async Task<HttpResponseMessage> SendShieldedAsync(
        Endpoint endpoint, Call call, Activity activity, CancellationToken token)
    {
        var baggage = call.MayRoam(endpoint) ? BaggageFilter.Nothing : call.Model.Baggage;
        using var shield = AttemptTelemetry.Shield(activity, baggage);
        return await Send(endpoint, call, token).ConfigureAwait(false);
    }

    /// <summary>Sends over the endpoint's own connections, or through the user's primary handler.</summary>
    internal static Task<HttpResponseMessage> Send(Endpoint endpoint, Call call, CancellationToken token)
    {
        if (call.Primary.IsOwn)
        {
            return call.Synchronous
                ? Task.FromResult(call.Primary.Send(call.Request, token))
                : call.Primary.SendAsync(call.Request, token);
        }

        var invoker = call.TransportOf(endpoint).Invoker;
        return call.Synchronous ? Task.FromResult(invoker.Send(call.Request, token)) : invoker.SendAsync(call.Request, token);
    }

    /// <summary>The endpoint ends the request by the same deadline, and so do the services that it calls. An error after that is no failure
    /// of the endpoint if the deadline was inherited, and a timeout if it was the time of the call.</summary>
    private CallOutcome Judge(Call call, HttpResponseMessage response, AttemptCancellation cancellation, out bool refused)
    {
        var now = clock.Now;
        if (response.StatusCode >= HttpStatusCode.BadRequest && call.SendsContextTo(call.LastTried))
        {
            SpentDeadline.Restore(response);
        }

        // A gRPC answer without a message has its status in the headers. Other answers are unrelated, and mostly have a length that shows
        // it.
        var rpc = (call.IsGrpc || response.Content.Headers.ContentLength is null or 0) && response.IsSuccessStatusCode
            ? GrpcStatus.Of(response.Headers)
            : null;
        var outcome = rpc is { } status
            ? GrpcStatus.Outcome(status, response, now >= call.WholeDeadline - Call.Reserve)
            : OutcomeClassifier.Classify(response);
        if (outcome == CallOutcome.Ok && call.IsGrpc && GrpcStatus.IsForeign(response))
        {
            outcome = CallOutcome.UpstreamError;
        }

        refused = outcome == CallOutcome.Ok && Refusal.Is(call.Request, response, call.IsGrpc, rpc);
        if (outcome == CallOutcome.UpstreamError && call.IsEndedByItsTime(response, now))
        {
            // Both clocks end together: which one the caller sees must not be chance. While there is time for another attempt, the answer
            // is one like any other.
            call.AttemptHasRest |= cancellation.HasRest;
            return call.AttemptHasRest || now >= call.Deadline ? CallOutcome.Timeout : outcome;
        }

        if (!call.DeadlineInherited
            || outcome is not (CallOutcome.Ok or CallOutcome.UpstreamError)
            || !call.IsEndedByDeadline(response, failed: outcome == CallOutcome.UpstreamError, now))
        {
            return outcome;
        }

        call.NoteDeadlineSpent();
        refused = false;
        return CallOutcome.Deadline;
    }
}
