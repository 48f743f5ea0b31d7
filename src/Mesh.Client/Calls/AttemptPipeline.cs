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
        var target = default(RequestTarget);
        var headers = default(ContextHeaders);
        var body = default(AttemptBody);
        try
        {
            // 12 send. The address is part of it: nothing between enter and complete may throw past complete.
            target = RequestTarget.Apply(call, endpoint.Transport);
            headers = ContextHeaders.Apply(call, configuration.Current.Context.Caller, start);
            body = AttemptBody.Apply(call, upload);
            token?.WriteTo(call.Request.Headers);
            sent = true;
            var response = await SendOn(endpoint, call, cancellation.Token).ConfigureAwait(false);
            UploadTime.Extend(call, upload);
            result = new AttemptResult(response, Judge(call, response));
        }
        catch (Exception exception)
        {
            UploadTime.Extend(call, upload);
            result = CallErrors.FromException(call, cancellation, sent, exception);
        }
        finally
        {
            RequestRestore.Run(call.Request, body, token, headers, target);
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

        var invoker = endpoint.Transport.Invoker;
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

    /// <summary>The endpoint ends the request by the same deadline, and its 504 may be here first: that is not its failure either.</summary>
    private CallOutcome Judge(Call call, HttpResponseMessage response)
    {
        var outcome = OutcomeClassifier.Classify(response);
        return outcome == CallOutcome.UpstreamError && call.DeadlineInherited && response.StatusCode == HttpStatusCode.GatewayTimeout && clock.Now >= call.Deadline - Call.Reserve
            ? CallOutcome.Deadline
            : outcome;
    }

    /// <summary>Ends the attempt in any case: a listener of metrics, a logger or a balancer of the application's that throws takes nothing from the call, and
    /// leaves nothing in flight.</summary>
    private void Complete(Call call, in Lease lease, AttemptCancellation cancellation, in AttemptResult result)
    {
        var now = clock.Now;
        call.Last = result;
        try
        {
            if (result.Outcome != CallOutcome.Ok)
            {
                call.AddFailure(lease.Endpoint, result, now - lease.Start);
            }

            // An answer to a large body is waited for since its end.
            var sentAt = cancellation.Upload is { IsFollowed: true, IsFinished: true, MovedAt: var end } ? end : lease.Start;
            lease.Record(result.Outcome, now, Math.Max(lease.Start, sentAt));
            metrics.AttemptEnded(call, lease.Endpoint, result);
            if (result.Response?.StatusCode == HttpStatusCode.RequestHeaderFieldsTooLarge)
            {
                metrics.HeaderOversize(call.Service.Name);
            }

            if (result.Response is { } answer && !(call.Shell.OwnPrimary && call.Shell.PrimaryRoams))
            {
                Heed(call.Service.Draining, lease, answer, result.Outcome, now);
            }
        }
        catch (Exception)
        {
            // What is broken is the telling: there is no one left to tell.
        }

        if (result.Response is { } response && IsStreamed(call.Request, response))
        {
            // A body may still be on its way out while the response is read (gRPC, duplex): the caller's token must still reach it.
            var sending = cancellation.Upload is { IsFinished: false } ? cancellation : null;
            sending?.Detach();

            // In flight until its last byte; from here on only silence ends it.
            response.Content = new StreamedContent(response.Content, lease, clock, ResponseBody.IdleTimeout(response, call.Policy), sending);
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

    /// <summary>A response of a handler of the user's may not know its own length.</summary>
    private static bool IsStreamed(HttpRequestMessage request, HttpResponseMessage response)
    {
        try
        {
            return ResponseBody.IsStreamed(request, response);
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
