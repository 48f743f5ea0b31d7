using System.Net;
using System.Runtime.CompilerServices;
using Mesh.Client.Balancing;
using Mesh.Client.Context;
using Mesh.Client.DependencyInjection;
using Mesh.Client.Discovery;
using Mesh.Client.Security.Tokens;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Calls;

/// <summary>One attempt on one endpoint: steps 8 to 13 of the way of a request (see the README of this folder). The result is the call's <see cref="Call.Last"/>.</summary>
internal sealed class AttemptPipeline(MeshClock clock, MeshMetrics metrics, MeshConfiguration configuration, Credentials credentials)
{
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
        var lease = Lease.Enter(call, endpoint, start, trial);

        // 10 credentials: after the choice, since they depend on the endpoint; before the time of the attempt runs.
        BearerToken? token = null;
        if (call.Policy.Credentials.Mode != CredentialMode.None)
        {
            if (!credentials.TryGet(call, endpoint, start, out var grant))
            {
                var asked = credentials.GetAsync(call, endpoint, start);
                var atHand = asked.IsCompletedSuccessfully;
                grant = await asked.ConfigureAwait(false);
                if (!atHand)
                {
                    // The wait was for the token: it is not the endpoint's latency.
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

        // 11 timeout. A token that code of the user's may keep is used once.
        var upload = Upload.For(call.Request.Content, call.BodyReplayable, clock);
        var time = TimeFor(call, start);
        var cancellation = AttemptCancellation.Rent(clock.TimeProvider, time, call.CallerToken, leavesOurHands: upload is not null || call.Shell.OwnPrimary);
        if (upload is not null)
        {
            UploadTime.Follow(call, upload, cancellation, time);
        }

        AttemptResult result;
        var sent = false;
        var trace = TraceFields.Note(call.Request);
        var target = default(RequestTarget);
        var headers = default(ContextHeaders);
        var body = default(AttemptBody);
        try
        {
            // 12 send. The address is part of it: nothing between enter and complete may throw past complete.
            target = RequestTarget.Apply(call, endpoint);
            headers = ContextHeaders.Apply(call, configuration.Current.Context.Caller, start);
            body = AttemptBody.Apply(call, upload);
            token?.WriteTo(call.Request.Headers);
            sent = true;
            var response = await SendOn(endpoint, call, cancellation.Token).ConfigureAwait(false);
            UploadTime.Extend(call, upload);
            var outcome = Judge(call, response);

            // A redirect or a refusal is an answer by its head: its body is not worth waiting for, and takes nothing from it.
            if (outcome == CallOutcome.Ok && response.IsSuccessStatusCode && ResponseBody.KindOf(call, response) == BodyKind.Small)
            {
                await SmallBody.ReadAsync(call, response, cancellation).ConfigureAwait(false);
            }

            result = new AttemptResult(response, outcome);
        }
        catch (Exception exception)
        {
            UploadTime.Extend(call, upload);
            result = CallErrors.FromException(call, cancellation, sent, exception);
        }
        finally
        {
            RequestRestore.Run(call.Request, body, token, headers, target, trace);
        }

        // 13 complete
        Complete(call, lease, cancellation, result);
    }

    /// <summary>Whether the token that the call would carry may not be sent to any endpoint; the result is then <see cref="Call.Last"/>.</summary>
    public async ValueTask<bool> RefusesAsync(Call call)
    {
        if (call.Policy.Credentials.Mode == CredentialMode.None)
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

        call.Last = Refusal(failure);
        return true;
    }

    /// <summary>Nothing was sent: neither endpoint nor service has to do with it.</summary>
    private static void Refuse(Call call, in Lease lease, Exception failure)
    {
        lease.Abandon();
        call.Attempts--;
        call.Last = Refusal(failure);
    }

    private static AttemptResult Refusal(Exception failure) => new(failure, failure is TokenException ? CallOutcome.TokenFailure : CallOutcome.Canceled);

    private Task<HttpResponseMessage> SendOn(Endpoint endpoint, Call call, CancellationToken token)
    {
        if (AttemptTelemetry.IsListening)
        {
            return AttemptTelemetry.SendTagged(endpoint, call, configuration.Current.BaggageFor(call.Policy), token);
        }

        return Send(endpoint, call, token);
    }

    /// <summary>Over the endpoint's own connections, or through the primary handler that the user brought.</summary>
    internal static Task<HttpResponseMessage> Send(Endpoint endpoint, Call call, CancellationToken token)
    {
        if (call.Shell.OwnPrimary)
        {
            return call.Synchronous ? Task.FromResult(call.Shell.SendPrimary(call.Request, token)) : call.Shell.SendPrimaryAsync(call.Request, token);
        }

        var invoker = call.TransportOf(endpoint).Invoker;
        return call.Synchronous ? Task.FromResult(invoker.Send(call.Request, token)) : invoker.SendAsync(call.Request, token);
    }

    /// <summary>The rest of the deadline; less while a further attempt could still follow, so that a stuck endpoint is left in time.</summary>
    internal static long TimeFor(Call call, long now)
    {
        var remaining = call.Deadline == long.MaxValue ? long.MaxValue : call.Deadline - now;
        var attempt = long.MaxValue;
        if (call.Repeatable && call.HasAttemptsLeft && call.Service.Budget.HasRoom)
        {
            // What is learned is a guess: it sends a call elsewhere, never away from the only endpoint, which is then slow for a reason.
            attempt = call.Policy.AttemptTimeout is { } configured ? MeshClock.Micros(configured)
                : EndpointPicker.HasUntried(call) ? call.Service.LearnedTimeout.Micros
                : long.MaxValue;
        }

        call.AttemptHasRest = remaining <= attempt;
        return Math.Min(remaining, attempt);
    }

    /// <summary>The endpoint ends the request by the same deadline, and so do those behind it: what it answers then is nobody's
    /// failure.</summary>
    private CallOutcome Judge(Call call, HttpResponseMessage response)
    {
        var now = clock.Now;

        // An answer of gRPC without a message has its status in the headers. Others have nothing to do with it, and mostly a length that says so.
        var outcome = (call.IsGrpc || response.Content.Headers.ContentLength is null or 0) && response.IsSuccessStatusCode && GrpcStatus.Of(response.Headers) is { } status
            ? GrpcStatus.Outcome(status, response, now >= call.WholeDeadline - Call.Reserve)
            : OutcomeClassifier.Classify(response);
        if (!call.DeadlineInherited
            || outcome is not (CallOutcome.Ok or CallOutcome.UpstreamError)
            || !call.IsEndedByDeadline(response, failed: outcome == CallOutcome.UpstreamError, now))
        {
            return outcome;
        }

        call.NoteDeadlineSpent();
        return CallOutcome.Deadline;
    }

    /// <summary>Ends the attempt in any case: a listener of metrics, a logger or a balancer of the application's that throws takes nothing from the call, and
    /// leaves nothing in flight.</summary>
    private void Complete(Call call, in Lease lease, AttemptCancellation cancellation, in AttemptResult result)
    {
        var now = clock.Now;
        call.Last = result;
        var followed = result.Response is { } head && IsFollowed(call, head);

        // What is refused is judged by its status; the body of that is no news.
        var status = (int?)result.Response?.StatusCode ?? 0;
        var open = followed && result.Outcome == CallOutcome.Ok && status < 400;
        GrpcEnd? rpc = null;
        try
        {
            if (result.Outcome != CallOutcome.Ok || status >= 400)
            {
                // Before it is recorded: should it eject the endpoint, the log says why.
                Note(call, lease, result, now);
            }

            if (open && ResponseBody.EndsWithTrailers(call, result.Response!))
            {
                rpc = new GrpcEnd(call, result.Response!, lease.Endpoint, metrics);
            }

            // An answer to a large body is waited for since its end.
            var sentAt = cancellation.Upload is { IsFollowed: true, IsFinished: true, MovedAt: var end } ? end : lease.Start;
            var asked = Math.Max(lease.Start, sentAt);
            if (open)
            {
                lease.RecordHead(now, asked, result.Response!.Content is ResumedContent);
            }
            else
            {
                lease.Record(result.Outcome, now, asked, status);
            }

            if (rpc is null)
            {
                metrics.AttemptEnded(call.Service.Name, lease.Endpoint, result.Outcome, AttemptTelemetry.Reason(call));
            }

            if (!call.Shell.OwnPrimary && (result.Response is not null || result.Outcome is CallOutcome.Timeout or CallOutcome.Deadline or CallOutcome.Canceled))
            {
                call.TransportOf(lease.Endpoint).Observe(call.Request, result.Response, lease.Start, now, result.Outcome == CallOutcome.Timeout);
            }

            if (result.Response?.StatusCode == HttpStatusCode.RequestHeaderFieldsTooLarge)
            {
                metrics.HeaderOversize(call.Service.Name);
            }

            if (result.Response is { } answer && !call.MayRoam(lease.Endpoint))
            {
                Heed(call.Service.Draining, lease, answer, result.Outcome, now);
            }
        }
        catch (Exception)
        {
            // What is broken is the telling: there is no one left to tell.
        }

        if (followed)
        {
            // A request body may still be on its way out while the response is read (gRPC, duplex), or a read of the attempt's may be under way: the
            // caller's token must still reach it.
            var response = result.Response!;
            var sending = response.Content is ResumedContent || cancellation.Upload is { IsFinished: false } ? cancellation : null;
            sending?.Detach();

            // In flight until its last byte; from here on only silence ends it.
            response.Content = new StreamedContent(response, lease, clock, ResponseBody.IdleTimeout(response, call.Policy), sending, judged: !open, rpc);
            if (sending is not null)
            {
                return;
            }
        }
        else
        {
            lease.Exit();
        }

        cancellation.Return();
    }

    /// <summary>In words how the attempt failed: for the call's exception, and for the log of an ejection.</summary>
    private static void Note(Call call, in Lease lease, in AttemptResult result, long now)
    {
        var failure = FailureText.Of(result);
        if (result.Outcome.IsFailure() || result.Response is not null)
        {
            lease.Endpoint.Health.LastFailure = failure;
        }

        if (result.Outcome != CallOutcome.Ok)
        {
            call.AddFailure(lease.Endpoint, failure, now - lease.Start);
        }
    }

    /// <summary>A response of a handler of the user's may not know its own length.</summary>
    private static bool IsFollowed(Call call, HttpResponseMessage response)
    {
        try
        {
            return ResponseBody.KindOf(call, response) != BodyKind.None;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>What the endpoint says about itself. It is taken off: an application that passes the answer on would else say it of its own.</summary>
    private static void Heed(DrainingEndpoints draining, in Lease lease, HttpResponseMessage answer, CallOutcome outcome, long now)
    {
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

        if (headers.Contains(MeshHeaders.Draining))
        {
            draining.Begin(lease.Endpoint);
            answer.Headers.Remove(MeshHeaders.Draining);
        }
        else if (lease.Endpoint.IsDraining && outcome == CallOutcome.Ok)
        {
            draining.Refute(lease.Endpoint, lease.Start);
        }
    }
}
