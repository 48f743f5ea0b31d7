using Mesh.Client.Model;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>One call: steps 1 to 7 and 14 (see the README of this folder).</summary>
internal sealed partial class CallPipeline(
    ServiceDirectory directory, AttemptPipeline attempts, RetryLoop retries, RetryRules rules, CallTelemetry telemetry, MeshClock clock)
{
    private readonly Func<Attempt, ValueTask> _attempt = attempts.SendAsync;

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, PrimaryHandler primary, CancellationToken cancellationToken) =>
        Start(request, primary, synchronous: false, cancellationToken);

    // The transport itself blocks, so the task has completed here, unless a retry waits between two attempts.
    public HttpResponseMessage Send(HttpRequestMessage request, PrimaryHandler primary, CancellationToken cancellationToken) =>
        Start(request, primary, synchronous: true, cancellationToken).GetAwaiter().GetResult();

    // 1 is this host a service?
    private Task<HttpResponseMessage> Start(
        HttpRequestMessage request, PrimaryHandler primary, bool synchronous, CancellationToken cancellationToken)
    {
        // Read once: another sending of the message may change it meanwhile.
        var uri = request.RequestUri;
        if (uri is RewrittenUri && MessagesUnderWay.IsUsed(request, primary, except: null))
        {
            return PassOn(address: null, request, primary, synchronous, cancellationToken);
        }

        var lookup = directory.Find(RewrittenUri.OriginalOf(uri), out var service);
        return lookup switch
        {
            HostLookup.Service => RunAsync(Rent(service!, request, primary, synchronous, clock.Now, cancellationToken)),
            HostLookup.External => PassOn(uri, request, primary, synchronous, cancellationToken),
            _ => ResolveAsync(uri!, request, primary, synchronous, lookup, cancellationToken),
        };
    }

    private async Task<HttpResponseMessage> RunAsync(Call call)
    {
        // 2 the route was chosen when the call was rented, and 4 its deadline runs since then. 3 telemetry is outermost: it counts what the
        // user experiences.
        var measured = telemetry.Begin(call);
        try
        {
            if (!call.Service.Endpoints.IsResolved && !await ResolvedAsync(call).ConfigureAwait(false))
            {
                return call.Use.Answered(Failure(call));
            }

            for (var redirects = 0; ; redirects++)
            {
                // 5 admission belongs here. 6 the breaker sees final outcomes only.
                var breaker = call.Target.Subset.Breaker;
                if (breaker.IsClosed)
                {
                    await AttemptsAsync(call).ConfigureAwait(false);
                    if (EndsLater(call) is null)
                    {
                        breaker.Record(call.Last.Charged);
                    }
                }
                else
                {
                    await InsideBreakerAsync(call, breaker).ConfigureAwait(false);
                }

                // 14 the next target, where this one has come to nothing.
                if (call.NextTarget is { } next && rules.TryMoveOn(call, next))
                {
                    call.MoveOn();
                    continue;
                }

                if (call.Last.Response is not { } response)
                {
                    if (IsUnsent(call) && await HasLearnedAsync(call).ConfigureAwait(false))
                    {
                        continue;
                    }

                    return Failed(call);
                }

                if (redirects >= RedirectFollower.MaxRedirects || !RedirectFollower.TryFollow(call, response))
                {
                    return call.Last.Exception is null ? call.Use.Answered(response) : Failed(call);
                }
            }
        }
        finally
        {
            if (EndsLater(call) is { } end)
            {
                end.TakeOver(telemetry, measured, call);
            }
            else
            {
                telemetry.End(call, measured);
            }

            RequestTarget.Show(call);
            call.Close();
        }
    }

    /// <summary>The pending end of a gRPC call if its status comes with the trailers; otherwise null.</summary>
    private static GrpcEnd? EndsLater(Call call) => call.IsGrpc && call.Last.Response?.Content is StreamedContent body ? body.Rpc : null;

    private static HttpResponseMessage Failed(Call call)
    {
        call.Last = TriedEndpointsText.Explained(call);
        return call.Use.Answered(Failure(call));
    }

    private static HttpResponseMessage Failure(Call call) => call.IsGrpc ? GrpcAnswer.For(call) : call.Last.GetOrThrow();

    private static HttpResponseMessage Refuse(HttpRequestMessage request, HttpRequestException exception) =>
        GrpcAnswer.For(request, exception) ?? throw exception;

    /// <summary>Waits before the first resolution. The result is a value here, too, so that telemetry sees it.</summary>
    private async ValueTask<bool> ResolvedAsync(Call call)
    {
        try
        {
            if (await directory.WaitAsync(call.Policy.Timeout, call.CallerToken).ConfigureAwait(false) || call.Service.Endpoints.IsResolved)
            {
                return true;
            }

            call.Last = CallErrors.NoEndpoint(call);
        }
        catch (OperationCanceledException canceled)
        {
            call.Last = new AttemptResult(canceled, CallOutcome.Canceled);
        }

        return false;
    }

    /// <summary>Whether there was no endpoint, or none that could be connected to.</summary>
    private static bool IsUnsent(Call call) =>
        call.Last.Outcome == CallOutcome.NoEndpoint
        || (call.Last.Outcome == CallOutcome.ConnectFailure
            && call.Failures is { } failures
            && Array.TrueForAll(failures, static failure => failure.Outcome == CallOutcome.ConnectFailure.Name()));

    /// <summary>Asks the source for a service without endpoints, which may have one by now. Once for each call, and only if the answer
    /// would be newer.</summary>
    private async ValueTask<bool> HasLearnedAsync(Call call)
    {
        if (call.HasAsked || !call.Service.Endpoints.IsEmpty || call.Model.Endpoints.Length > 0)
        {
            return false;
        }

        call.HasAsked = true;
        try
        {
            var patience = call.Deadline.IsNever
                ? ServiceDirectory.MaxAsking
                : Duration.Max(TimeSpan.Zero, call.Deadline - clock.Now);
            if (!await directory.AskAsync(patience, call.CallerToken).ConfigureAwait(false))
            {
                // One source may have named an endpoint while another is still waited for.
                return !call.Service.Endpoints.IsEmpty;
            }

            if (call.Last.Outcome == CallOutcome.NoEndpoint)
            {
                // The message says how old the answer is: that of the newer one, if it does not help.
                call.Last = default;
                call.Last = CallErrors.NoEndpoint(call);
            }

            return !call.Service.Endpoints.IsEmpty;
        }
        catch (OperationCanceledException canceled)
        {
            call.Last = new AttemptResult(canceled, CallOutcome.Canceled);
            return false;
        }
    }

    // 7 the first attempt directly; 14 only an outcome that may be repeated enters the retry loop.
    private ValueTask AttemptsAsync(Call call)
    {
        var first = attempts.SendAsync(call.First);
        if (!first.IsCompletedSuccessfully)
        {
            return ContinueAsync(call, first);
        }

        first.GetAwaiter().GetResult();
        call.Take(call.First);
        return RetryRules.MayRetry(call.First) ? retries.RunAsync(call, _attempt) : default;
    }

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ContinueAsync(Call call, ValueTask first)
    {
        await first.ConfigureAwait(false);
        call.Take(call.First);
        if (RetryRules.MayRetry(call.First))
        {
            await retries.RunAsync(call, _attempt).ConfigureAwait(false);
        }
    }

    private async ValueTask InsideBreakerAsync(Call call, CircuitBreaker breaker)
    {
        // A token that may not be sent says nothing about the service: it must not use up and fail the trial.
        if (await attempts.RefusesAsync(call).ConfigureAwait(false))
        {
            return;
        }

        if (clock.Now >= call.Deadline)
        {
            // Likewise a call without time left: it is not sent.
            call.Last = AttemptErrors.TimedOut(call);
            return;
        }

        var (trial, retryAfter) = await breaker.AdmitAsync(clock.Now).ConfigureAwait(false);
        if (trial is null)
        {
            call.Last = new AttemptResult(CallErrors.CircuitOpen(call.Service, retryAfter), CallOutcome.CircuitOpen);
            return;
        }

        var outcome = CallOutcome.Canceled;
        call.Trial = trial;
        try
        {
            await AttemptsAsync(call).ConfigureAwait(false);
            outcome = call.Last.Charged;
        }
        finally
        {
            call.Trial = null;
            if (EndsLater(call) is null)
            {
                if (!trial.Decide(outcome))
                {
                    // A call that joined the trial has ended before.
                    breaker.Record(outcome);
                }

                await trial.Recorded.ConfigureAwait(false);
            }
            else
            {
                // The head proves nothing: the status is in the trailers.
                trial.Follow(clock.TimeProvider);
            }
        }
    }

    private static Call Rent(
        Service service,
        HttpRequestMessage request,
        PrimaryHandler primary,
        bool synchronous,
        MeshTime start,
        CancellationToken cancellationToken)
    {
        var call = Call.Rent();
        try
        {
            call.Begin(service, Enter(call.Use, request, primary), primary, synchronous, start, cancellationToken);
            return call;
        }
        catch (Exception)
        {
            call.Use.Leave();
            throw;
        }
    }
}
