using Mesh.Client.Model;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>How an attempt that has no answer ends, and what its caller is told: what was waited for, what was tried before, what to
/// change.</summary>
internal static class AttemptErrors
{
    /// <param name="attempt">The attempt; its time has begun.</param>
    /// <param name="sent">Whether the request was handed to the transport.</param>
    /// <param name="exception">The exception that ended it.</param>
    /// <param name="kept">Whether the user's own handler has followed no redirect.</param>
    public static AttemptResult FromException(Attempt attempt, bool sent, Exception exception, bool kept)
    {
        var call = attempt.Call;
        if (attempt.IsUnwanted || call.CallerToken.IsCancellationRequested)
        {
            return new AttemptResult(Canceled(call, exception), CallOutcome.Canceled);
        }

        var cancellation = attempt.Cancellation!;
        var upload = cancellation.Upload;
        if (!sent || upload is { HasFailed: true })
        {
            return new AttemptResult(exception, CallOutcome.LocalError);
        }

        if (attempt.WasLeft)
        {
            // The endpoint processed the request and answered. The redirect's target says nothing about it.
            var late = cancellation.IsCancelled && exception is not BrokenBodyException ? TimedOut(attempt, exception) : default;
            return late.Outcome == CallOutcome.Deadline ? late : new AttemptResult(late.Exception ?? exception, CallOutcome.LocalError);
        }

        // The attempt may have been cancelled to end the body.
        if (exception is BrokenBodyException)
        {
            return new AttemptResult(exception, CallOutcome.UpstreamReset);
        }

        if (cancellation.IsCancelled)
        {
            var waiting = upload is { WasWaitingForContent: true } && !RequestBody.IsGrpc(upload.Content);
            var timeout = TimedOut(attempt, exception, cancellation.IsOverdue);
            return waiting && timeout.Outcome == CallOutcome.Timeout ? BodyStalled(call, exception) : timeout;
        }

        if (upload is { WasRefused: true })
        {
            return new AttemptResult(exception, CallOutcome.UpstreamReset);
        }

        // Only over HTTP/1.1 does a request fail because a content closed its stream; over HTTP/2 a later failure is the endpoint's.
        if (upload is { WasClosed: true } && exception.InnerException is ObjectDisposedException)
        {
            return new AttemptResult(exception, CallOutcome.LocalError);
        }

        var own = call.Primary.IsOwn;
        if (own && OutcomeClassifier.NamesAnother(exception, attempt.Request.RequestUri))
        {
            // The user's handler did not reach its proxy, or a server that it calls itself: that says nothing about the endpoint.
            return new AttemptResult(exception, CallOutcome.LocalError);
        }

        // What the runtime's own handler says about a request is true of it. Around it, or after a redirect, there was perhaps another
        // request before.
        var isOfRequest = !own || (call.Primary.Reach.IsBare && kept);
        var resendable = isOfRequest && call.BodyReplayable;
        var body = upload is { HasBegun: true } || (upload is null && own && !kept) ? BodyState.Begun
            : upload is null ? BodyState.Unwatched
            : BodyState.NotBegun;
        var outcome = OutcomeClassifier.Classify(exception, own, body, reconnects: resendable);
        var isRefusal = Refusal.Is(exception);
        return outcome switch
        {
            CallOutcome.ConnectFailure when exception is OperationCanceledException || ConnectTimeoutException.IsIn(exception) =>
                new AttemptResult(NotConnected(attempt, exception), outcome),
            CallOutcome.UpstreamReset => new AttemptResult(
                exception,
                outcome,
                mayBeSentAgain: (resendable || body == BodyState.NotBegun) && OutcomeClassifier.IsUnprocessed(exception))
            {
                IsCutOff = upload?.WasCutOff(exception) == true,
                IsRefusal = isRefusal,
            },
            CallOutcome.LocalError => new AttemptResult(
                exception,
                outcome,
                mayBeSentAgain: (resendable || body != BodyState.Begun)
                    && (Refusal.IsUnsent(exception) || OutcomeClassifier.IsOutOfSockets(exception)))
            {
                IsRefusal = isRefusal,
            },
            _ => new AttemptResult(exception, outcome) { IsRefusal = isRefusal },
        };
    }

    /// <summary>The time of the call is over, and no attempt is begun any more.</summary>
    public static AttemptResult TimedOut(Call call) => TimedOut(call, attempt: null, exception: null, stalled: false);

    /// <param name="attempt">The attempt.</param>
    /// <param name="exception">The exception that ended it.</param>
    /// <param name="stalled">Whether this process noticed the end of the time much too late.</param>
    private static AttemptResult TimedOut(Attempt attempt, Exception exception, bool stalled = false) =>
        TimedOut(attempt.Call, attempt, exception, stalled);

    private static AttemptResult TimedOut(Call call, Attempt? attempt, Exception? exception, bool stalled)
    {
        var now = call.Service.Clock.Now;
        var hasRest = attempt is { HasRest: true };
        if (call.DeadlineInherited && (hasRest || now >= call.Deadline))
        {
            return DeadlineSpent(call, exception, now);
        }

        // A timer may fire a little before its time is over by this clock.
        var (setting, limit) = now < call.Deadline && !hasRest
            ? ("AttemptTimeout", "the time of an attempt, and no further one was allowed")
            : ("Timeout", "Timeout " + Seconds(call.FirstRoute.Policy.Timeout) + (IsExtended(call) ? " since the last progress of its body"
                : string.Empty));
        var waiting = attempt is null ? string.Empty : $" It was waiting for {call.NameOf(attempt.Endpoint)}.";
        var advice = stalled
            ? "This process did not run when the time was over (it was paused, or its threads were all blocked): the answer may have been "
                + "there."
            : call.Cuts is not null
                ? $"If such a request takes long on every endpoint, set {call.WhereToSet("AttemptTimeout")} above its time, and "
                    + "Timeout above that."
            : $"If the service may take longer, raise {call.WhereToSet(setting)}.";
        var message =
            $"The call to service '{call.Service.Name}' had no answer after {(now - call.Start).TotalSeconds:0.###} s "
            + $"({limit}).{Tried(call)}{waiting} {advice}";
        return new AttemptResult(new TaskCanceledException(message, new TimeoutException(message, exception)), CallOutcome.Timeout)
        {
            IsOwnStall = stalled,
        };
    }

    /// <summary>The endpoint got the time of the call as its deadline, and answers that it is over.</summary>
    public static AttemptResult AnsweredTooLate(Attempt attempt, HttpResponseMessage response) =>
        TimedOut(
            attempt,
            new HttpRequestException(
                $"Endpoint {attempt.Call.NameOf(attempt.Endpoint)} answered {(int)response.StatusCode} because the time of the call was over.",
                inner: null,
                response.StatusCode));

    /// <summary>The transport has accepted all of the body so far: neither endpoint nor network is to blame.</summary>
    private static AttemptResult BodyStalled(Call call, Exception exception)
    {
        var message =
            $"The call to service '{call.Service.Name}' was given up after "
            + $"{(call.Service.Clock.Now - call.Start).TotalSeconds:0.###} s: "
            + $"its own request body had paused for too long (Timeout {Seconds(call.FirstRoute.Policy.Timeout)}, counted from its last progress). If "
            + $"the body may pause for longer, raise {call.WhereToSet("Timeout")}.";
        return new AttemptResult(new TaskCanceledException(message, new TimeoutException(message, exception)), CallOutcome.LocalError);
    }

    /// <summary>The runtime's exception has the right type, but names neither the endpoint nor the setting.</summary>
    private static TaskCanceledException NotConnected(Attempt attempt, Exception exception)
    {
        var call = attempt.Call;
        var message =
            $"Endpoint {call.NameOf(attempt.Endpoint)} of service '{call.Service.Name}' cannot be reached: there was no connection within "
            + $"{Seconds(call.Model.Transport.ConnectTimeout)} (ConnectTimeout).{Tried(call)} "
            + $"If connecting may take longer, raise {call.WhereToSet("ConnectTimeout")}.";
        return new TaskCanceledException(message, new TimeoutException(message, exception));
    }

    private static AttemptResult DeadlineSpent(Call call, Exception? exception, MeshTime now)
    {
        AttemptDeadline.NoteSpent(call);
        var sent = call.Attempts == 0 ? "was not sent" : $"had no answer after {(now - call.Start).TotalSeconds:0.###} s";
        var message = call.DeadlineIsItsOwn
            ? $"The call to service '{call.Service.Name}' {sent}: its own deadline (grpc-timeout) has passed.{Tried(call)}"
            : $"The call to service '{call.Service.Name}' {sent}: the deadline of the request that it belongs to has passed.{Tried(call)} "
                + "The caller of this application has set it; raise it there.";
        return new AttemptResult(new TaskCanceledException(message, new TimeoutException(message, exception)), CallOutcome.Deadline);
    }

    /// <summary>The error that <see cref="HttpClient"/> gives for a user's handler that returns null.</summary>
    public static InvalidOperationException NoResponse() => new("Handler did not return a response message.");

    // As HttpClient would throw it: with its token and its cause.
    private static Exception Canceled(Call call, Exception exception) =>
        exception is OperationCanceledException canceled && canceled.CancellationToken == call.CallerToken
            ? exception
            : new TaskCanceledException(
                exception.Message, exception is OperationCanceledException ? exception.InnerException : exception, call.CallerToken);

    private static bool IsExtended(Call call) =>
        !call.DeadlineInherited && !call.Deadline.IsNever && call.Deadline - call.Start > call.FirstRoute.Policy.Timeout;

    private static string Tried(Call call) =>
        call.Failures is { } failures ? " Tried before: " + string.Join("; ", (IEnumerable<FailedAttempt>)failures) + "." : string.Empty;

    private static string Seconds(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? "none" : $"{span.TotalSeconds:0.###} s";
}
