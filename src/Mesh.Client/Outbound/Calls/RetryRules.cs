using System.Net;
using Mesh.Client.Limits;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>What may be repeated, when, and after which delay.</summary>
internal sealed class RetryRules(MeshClock clock, IRandomSource random, MeshMetrics metrics)
{
    private static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>A server may ask for years. Who has to wait longer than this is better told.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(1);

    /// <summary>Whether the outcome of an attempt that was taken is of a kind that may be repeated, and another attempt is allowed. Cheap;
    /// takes nothing from the budget.</summary>
    public static bool MayRetry(Attempt attempt) => attempt.Call.HasAttemptsLeft && MayRepeat(attempt);

    /// <summary>Whether the call may go on with its next target, where its last one has come to its end. Takes it from that target's
    /// budget, unless nothing was sent.</summary>
    public bool TryMoveOn(Call call, Target next)
    {
        var unsent = call.Last.Outcome is CallOutcome.NoEndpoint or CallOutcome.CircuitOpen or CallOutcome.ConnectFailure;
        if ((!unsent && !MayRepeat(call.First))
            || IsGone(call)
            || call.Context is { RetryExhausted: true }
            || call.CallerToken.IsCancellationRequested
            || clock.Now >= call.Deadline)
        {
            return false;
        }

        if (unsent || next.Subset.Budget.TryWithdraw())
        {
            return true;
        }

        call.RetryRefused = true;
        metrics.BudgetExhausted(call.Service.Name);
        return false;
    }

    private static bool MayRepeat(Attempt attempt)
    {
        var call = attempt.Call;
        var last = attempt.Result;
        if (call.Attempts == 0)
        {
            // The time was over before anything was tried: there is nothing to repeat.
            return false;
        }

        return last.Outcome switch
        {
            CallOutcome.Ok => false,
            // Nothing was sent, so this is safe for every method and every body.
            CallOutcome.ConnectFailure => true,
            // This endpoint does not speak the HTTP version that the caller demands. Nothing was sent, so a retry is as safe. Other
            // endpoints may speak it. If all were asked, the demand is the mistake.
            CallOutcome.LocalError when last.MayBeSentAgain => EndpointPicker.HasUntried(call),
            // Refused, or crashed: another endpoint will show which. If that one cuts it off, too, the body is refused, and is not sent a
            // third time.
            CallOutcome.UpstreamReset when last.IsCutOff =>
                call.CutOffs == 1 && call.Repeatable && EndpointPicker.HasUntried(call),
            CallOutcome.UpstreamReset when last.MayBeSentAgain => true,
            CallOutcome.UpstreamReset => call.Repeatable,
            // An attempt with all the rest of the time has used it up, even if its timer fires a moment early. A handler of the user may
            // give up by itself at any time.
            CallOutcome.Timeout => call.Repeatable && (!attempt.HasRest || call.Primary.IsOwn),
            // Not if a redirect has named the endpoint: the others would only name it again.
            CallOutcome.UpstreamError => call.Repeatable && !call.IsAtNamed && IsTransient(last.Response),
            // A rate limit often covers all endpoints, so a 429 is not repeated. But sending this call to an ejected endpoint was the
            // mesh's choice.
            CallOutcome.Overloaded => attempt.OnTrial && call.Repeatable && EndpointPicker.HasUntried(call),
            _ => false,
        };
    }

    /// <summary>Whether the attempt is a trial and its call may go elsewhere without using the budget: trials are few, and the mesh chose
    /// this call.</summary>
    public static bool IsFree(Attempt attempt) => attempt.OnTrial && EndpointPicker.HasUntried(attempt.Call);

    /// <summary>Whether there would be a retry if the attempt that begins ran out of time now. Takes nothing. A retry that
    /// <see cref="TryBegin"/> allows without the budget counts like any other: an attempt that waited for the whole time of the call would
    /// leave no time for it.</summary>
    public static bool HasRetry(Attempt attempt) =>
        attempt.Call.Target.Subset.Budget.HasRoom || IsFree(attempt) || EndpointPicker.HasReserve(attempt.Call, attempt.Endpoint);

    /// <summary>Decides about another attempt and takes it from the budget.</summary>
    /// <param name="attempt">The attempt that was taken last.</param>
    public bool TryBegin(Attempt attempt)
    {
        var call = attempt.Call;
        var promised = attempt.TakePromise();

        // Retries do not help a caller without room for retries: they would only add to the load that took its room.
        if (!MayRetry(attempt)
            || IsGone(call)
            || call.Context is { RetryExhausted: true }
            || call.CallerToken.IsCancellationRequested
            || IsTooLate(attempt)
            || Delay(call, jitter: 0, clock.Now) is var delay && (delay > MaxWait || delay >= call.Deadline - clock.Now))
        {
            if (promised)
            {
                call.Target.Subset.Budget.GiveBack();
            }

            return false;
        }

        if (promised || Allows(call.Target.Subset.Budget, attempt))
        {
            return true;
        }

        call.RetryRefused = true;
        metrics.BudgetExhausted(call.Service.Name);
        return false;
    }

    /// <summary>Whether a retry would only turn an answer into a timeout: this attempt took longer than the time that is left, and nothing
    /// suggests that other endpoints are faster.</summary>
    private bool IsTooLate(Attempt attempt) =>
        attempt.Call is var call
        && attempt.Result.Response is not null
        && call.Deadline - clock.Now is var left
        && attempt.Took > left
        && call.Target.Learned.Value > left;

    private static bool Allows(RetryBudget budget, Attempt attempt)
    {
        var call = attempt.Call;

        // If a priority level has failed as a whole, this leads to the next one.
        if (IsFree(attempt))
        {
            return true;
        }

        // While a service fails as a whole, no retry is allowed.
        if (budget.IsClosed)
        {
            // A priority level is not the service: the retry goes to the next level, and the failing one is soon ejected.
            return EndpointPicker.HasReserve(call, call.LastEndpoint);
        }

        // A connection that was refused, or lacks the HTTP version, has cost the service nothing, and the retry elsewhere is the first
        // request that reaches an endpoint. Otherwise a burst of first calls to such an endpoint would spend the budget at once.
        var unsent = attempt.Result is { Outcome: CallOutcome.ConnectFailure } or { Outcome: CallOutcome.LocalError, MayBeSentAgain: true };
        if (unsent && EndpointPicker.HasUntried(call))
        {
            return true;
        }

        if (budget.TryWithdraw())
        {
            return true;
        }

        if (!EndpointPicker.HasReserve(call, call.LastEndpoint))
        {
            return false;
        }

        // A reserve without any failure so far is worth a debt.
        budget.Borrow();
        return true;
    }

    /// <summary>Whether the owner has disposed of the request while it was under way. It can then be sent again only if nothing on it must
    /// be set.</summary>
    private static bool IsGone(Call call)
    {
        var request = call.Request;
        try
        {
            // Only a setter shows it.
            request.Version = request.Version;
            return false;
        }
        catch (ObjectDisposedException)
        {
            return request.Content is not null
                || !call.Repeatable
                || call.Primary.IsOwn
                || (call.LastTransport is { } sent && !ReferenceEquals(sent.Address(call.Address), request.RequestUri));
        }
    }

    /// <summary>How long to wait before the attempt that <see cref="TryBegin"/> allowed.</summary>
    public TimeSpan Delay(Call call) => Delay(call, random.NextDouble(), clock.Now);

    /// <summary>
    /// The first retry goes at once to an endpoint that was not tried yet. Further ones, and those that can only go to the same endpoint
    /// again, wait with full jitter, and for as long as that endpoint asked for.
    /// </summary>
    private static TimeSpan Delay(Call call, double jitter, MeshTime now)
    {
        var elsewhere = EndpointPicker.HasUntried(call);
        if (elsewhere && call.Attempts == 1)
        {
            return TimeSpan.Zero;
        }

        // At most half of the time left: an attempt that begins at the deadline only turns an answer into a timeout.
        var most = Duration.Min(MaxDelay, Duration.Max(TimeSpan.Zero, call.Deadline - now).Half());
        var longest = Duration.Min(most, BaseDelay * (1 << Math.Min(call.Attempts - 1, 10)));
        var backoff = TimeSpan.FromMicroseconds((long)(jitter * longest.WholeMicroseconds()));
        return elsewhere ? backoff : Duration.Max(backoff, RetryAfter(call));
    }

    private static TimeSpan RetryAfter(Call call)
    {
        var retryAfter = call.Last.Response?.Headers.RetryAfter;
        if (retryAfter?.Delta is { } delta)
        {
            return delta;
        }

        return retryAfter?.Date is { } date
            ? Duration.Max(TimeSpan.Zero, date - call.Service.Clock.TimeProvider.GetUtcNow())
            : TimeSpan.Zero;
    }

    // A status beyond all classes is a 500 (RFC 9110, 15).
    private static bool IsTransient(HttpResponseMessage? response) => response?.StatusCode
        is HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout or >= (HttpStatusCode)600;
}
