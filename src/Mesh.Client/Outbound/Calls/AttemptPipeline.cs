using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>One attempt on one endpoint: steps 8 to 13 of a call (see the README of this folder). The result is in the attempt, and
/// nothing of it in the call, which may have another one under way.</summary>
internal sealed class AttemptPipeline(MeshClock clock, MeshMetrics metrics, Credentials credentials)
{
    /// <summary>How often an attempt resends what its endpoint has not processed, if no other endpoint is left.</summary>
    private const int MaxResends = 3;

    private readonly AttemptCompletion _completion = new(clock, metrics);

    /// <summary>Makes the attempt. Nothing is thrown once it has entered its endpoint.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(Attempt attempt)
    {
        var call = attempt.Call;
        attempt.Begin();
        var start = clock.Now;
        if (start >= call.Deadline)
        {
            attempt.Result = AttemptErrors.TimedOut(call);
            return;
        }

        // 8 pick
        var endpoint = EndpointPicker.Pick(call, start, out var trial);
        if (endpoint is null)
        {
            attempt.Result = CallErrors.NoEndpoint(call);
            return;
        }

        // 9 enter
        attempt.Enter(endpoint, start, trial);

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
                    attempt.Restart(clock.Now);
                }
            }

            if (grant.Failure is { } failure)
            {
                Refuse(attempt, failure);
                return;
            }

            token = grant.Token;
        }

        attempt.Deposit();

        // 11 timeout
        BeginTime(attempt);
        var resends = 0;
        do
        {
            var sent = false;
            attempt.WasLeft = false;
            try
            {
                // 12 send. Setting the address is part of it: nothing between enter and complete may throw past complete.
                Edit(attempt, token, resends == 0 ? attempt.Start : clock.Now);
                sent = true;
                var response = await SendOn(attempt, attempt.Cancellation!.Token).ConfigureAwait(false)
                    ?? throw AttemptErrors.NoResponse();
                var outcome = Arrived(attempt, response, out var refused);

                // The head of a redirect or a refusal is the answer: it does not wait for its body, which changes nothing. If that body
                // breaks, the request was processed and is not repeated, but it is a failure of the endpoint (step 13).
                if (outcome == CallOutcome.Ok && response.IsSuccessStatusCode && ResponseBody.KindOf(attempt, response) == BodyKind.Small)
                {
                    await SmallBody.ReadAsync(attempt, response).ConfigureAwait(false);
                }

                attempt.Result = new AttemptResult(response, outcome) { IsRefusal = refused && !attempt.WasLeft };
            }
            catch (Exception exception)
            {
                Fail(attempt, sent, exception);
            }
            finally
            {
                Restore(attempt);
            }
        }
        // An endpoint that refuses a request would refuse it again: the request can only go elsewhere.
        while (attempt.Result is { MayBeSentAgain: true, IsRefusal: false } && MaySendAgain(attempt, resends++));

        End(attempt);
    }

    /// <summary>11: the time of the attempt, and what may change it.</summary>
    private void BeginTime(Attempt attempt)
    {
        var call = attempt.Call;
        var upload = Upload.For(attempt.Request, call.Primary, call.BodyReplayable, call.Repeatable, clock);
        attempt.Upload = upload;
        var time = AttemptTime.For(attempt, attempt.Start);
        var cancellation = attempt.BeginTime(clock.TimeProvider, time);
        if (!attempt.HasRest && !RetryRules.IsFree(attempt))
        {
            cancellation.CutShortFor(call.Target.Subset, attempt.Endpoint, call.IsSecure, call.Deadline - attempt.Start);
        }

        if (upload is not null)
        {
            UploadTime.Follow(attempt, upload, cancellation, time);
        }
    }

    /// <summary>The head of an answer is there.</summary>
    private CallOutcome Arrived(Attempt attempt, HttpResponseMessage response, out bool refused)
    {
        SessionCookies.Keep(attempt, response);
        UploadTime.Extend(attempt);
        var outcome = AnswerOutcome.Of(attempt, response, clock.Now, out refused);
        var target = AttemptEdits.Of(attempt).Target;
        attempt.WasLeft = target.WasLeft(response);
        attempt.AnsweredAt = target.MovedTo(attempt.Endpoint);

        // If it was left, the failure belongs to another host.
        return attempt.WasLeft && outcome is not (CallOutcome.Ok or CallOutcome.Deadline) ? CallOutcome.LocalError : outcome;
    }

    private static void Fail(Attempt attempt, bool sent, Exception exception)
    {
        var target = AttemptEdits.Of(attempt).Target;
        UploadTime.Extend(attempt);
        attempt.HasRest |= attempt.Cancellation!.HasRest;
        attempt.WasLeft = attempt.WasLeft || target.WasLeft(null);
        attempt.Result = AttemptErrors.FromException(attempt, sent, exception, target.IsKept);
    }

    /// <summary>13: nothing more is sent.</summary>
    private void End(Attempt attempt)
    {
        var result = attempt.Result;
        if (attempt.Cancellation!.HasPromise)
        {
            attempt.Promise(result.Outcome == CallOutcome.Timeout);
        }

        // The answer is recorded as what it is, and the call ends as it does without one.
        var late = result is { Outcome: CallOutcome.Timeout, Response: { } answer }
            ? AttemptErrors.AnsweredTooLate(attempt, answer)
            : default;
        _completion.Complete(attempt);
        if (late.Exception is not null)
        {
            result.Response!.Dispose();
            attempt.Result = late;
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
    private static void Edit(Attempt attempt, BearerToken? token, MeshTime now)
    {
        attempt.KeepRequest();
        var edits = AttemptEdits.Of(attempt);
        var request = attempt.Request;
        attempt.BeginEdit();
        edits.Trace = TraceFields.Note(request);
        edits.Target = RequestTarget.Apply(attempt);
        edits.Headers = ContextHeaders.Apply(attempt, attempt.Call.Model.Mesh.Context.Caller, now);
        edits.Body = AttemptBody.Apply(attempt);
        edits.Token = token;
        token?.WriteTo(request.Headers);
        edits.Cookies = SessionCookies.Apply(attempt);
        attempt.EndEdit();
    }

    private static void Restore(Attempt attempt)
    {
        var edits = AttemptEdits.Of(attempt);
        attempt.BeginEdit();
        edits.Restore(attempt.Request);
        edits.Clear();
        attempt.EndEdit();
    }

    /// <summary>Whether to resend a request that was not processed. A server that closes a connection rejects requests that arrive on it
    /// meanwhile: a new connection solves that, and it is no failure yet.</summary>
    private bool MaySendAgain(Attempt attempt, int resends) =>
        attempt.Call is var call
        && resends < (EndpointPicker.HasUntried(call) ? 1 : MaxResends)
        && call.Policy.MaxRetries > 0
        && !call.Primary.IsOwn
        && !attempt.Cancellation!.IsCancelled
        && clock.Now < call.Deadline;

    /// <summary>Nothing was sent: the failure concerns neither endpoint nor service.</summary>
    private static void Refuse(Attempt attempt, Exception failure)
    {
        attempt.Lease.Abandon();
        attempt.IsUnsent = true;
        attempt.Result = NotSent(failure);
    }

    private static AttemptResult NotSent(Exception failure) =>
        new(failure, failure is TokenException ? CallOutcome.TokenFailure : CallOutcome.Canceled);

    private static Task<HttpResponseMessage> SendOn(Attempt attempt, CancellationToken token) =>
        AttemptTelemetry.IsListening ? SendTraced(attempt, token) : Send(attempt, token);

    // In a method of its own, so that a send without a listener has no frame for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<HttpResponseMessage> SendTraced(Attempt attempt, CancellationToken token)
    {
        var facts = AttemptTelemetry.Begin(attempt);
        try
        {
            return attempt.Call.Primary.IsOwn && Activity.Current is { } activity && activity.Baggage.Any()
                ? SendShieldedAsync(attempt, activity, token)
                : Send(attempt, token);
        }
        finally
        {
            facts.End();
        }
    }

    /// <summary>Asynchronous, so that the span current inside of it is not the caller's.</summary>
    private static async Task<HttpResponseMessage> SendShieldedAsync(Attempt attempt, Activity activity, CancellationToken token)
    {
        var baggage = attempt.MayRoam ? BaggageFilter.Nothing : attempt.Call.Model.Baggage;
        using var shield = AttemptTelemetry.Shield(activity, baggage);
        return await Send(attempt, token).ConfigureAwait(false);
    }

    /// <summary>Sends over the endpoint's own connections, or through the user's primary handler.</summary>
    internal static Task<HttpResponseMessage> Send(Attempt attempt, CancellationToken token)
    {
        var call = attempt.Call;
        var request = attempt.Request;
        if (call.Primary.IsOwn)
        {
            return call.Synchronous ? Task.FromResult(call.Primary.Send(request, token)) : call.Primary.SendAsync(request, token);
        }

        var invoker = attempt.Transport.Invoker;
        return call.Synchronous ? Task.FromResult(invoker.Send(request, token)) : invoker.SendAsync(request, token);
    }
}
