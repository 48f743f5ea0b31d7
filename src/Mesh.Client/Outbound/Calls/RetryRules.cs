using System.Net;
using Mesh.Client.Limits;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>What may be repeated, when, and after which delay.</summary>
internal sealed class RetryRules(MeshClock clock, IRandomSource random, MeshMetrics metrics)
{
    private static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether the outcome of the last attempt is of a kind that may be repeated. Cheap; takes nothing from the budget.</summary>
    public static bool MayRetry(Call call)
    {
        var last = call.Last;
        if (call.Attempts == 0)
        {
            // The time was over before anything was tried: there is nothing to repeat.
            return false;
        }

        return last.Outcome switch
        {
            CallOutcome.Ok => false,
            // Nothing was sent, so this is safe for every method and every body.
            CallOutcome.ConnectFailure => call.HasAttemptsLeft,
            // This endpoint does not speak the version of HTTP that the caller demands. Nothing was sent, so this is as safe. Others may
            // speak it. Where none is left that was not asked, the demand is the mistake.
            CallOutcome.LocalError when last.MayBeSentAgain => call.HasAttemptsLeft && EndpointPicker.HasUntried(call),
            // Refused, or crashed: another endpoint tells. If that cuts it off, too, the body is refused, and is sent no third time.
            CallOutcome.UpstreamReset when last.IsCutOff =>
                call.CutOffs == 1 && call.HasAttemptsLeft && call.Repeatable && EndpointPicker.HasUntried(call),
            CallOutcome.UpstreamReset when last.MayBeSentAgain => call.HasAttemptsLeft,
            CallOutcome.UpstreamReset => call.HasAttemptsLeft && call.Repeatable,
            // An attempt that had all of the rest has used it up, also where its timer fires a moment early. A handler of the user's may
            // give up by itself at any time.
            CallOutcome.Timeout => call.HasAttemptsLeft && call.Repeatable && (!call.AttemptHasRest || call.Primary.IsOwn),
            CallOutcome.UpstreamError => call.HasAttemptsLeft && call.Repeatable && IsTransient(last.Response),
            // A limit holds for all endpoints as often as not, so a 429 is not repeated. But that this call was
            // sent to an endpoint that is out was our choice.
            CallOutcome.Overloaded => call.OnTrial && call.HasAttemptsLeft && call.Repeatable && EndpointPicker.HasUntried(call),
            _ => false,
        };
    }

    /// <summary>Whether the attempt is a trial whose call may go elsewhere, at no cost: there are few of them, and it was our choice to
    /// make one of this call.</summary>
    public static bool IsFree(Call call) => call.OnTrial && EndpointPicker.HasUntried(call);

    /// <summary>Whether a retry would be given if the attempt that begins ran out of time now. Takes nothing. What
    /// <see cref="TryBegin"/> gives without the budget is a retry like any other: an attempt that waited for the whole time of the call
    /// would leave none for it.</summary>
    public static bool HasRetry(Call call) => call.Service.Budget.HasRoom || IsFree(call) || EndpointPicker.HasReserve(call);

    /// <summary>Decides on a further attempt and takes it from the budget.</summary>
    public bool TryBegin(Call call)
    {
        var promised = call.TakePromise();

        // A caller without room for retries is not helped by ours: they would only multiply the load that took its room.
        if (!MayRetry(call)
            || IsGone(call)
            || call.Context is { RetryExhausted: true }
            || call.CallerToken.IsCancellationRequested
            || IsTooLate(call)
            || Delay(call, jitter: 0, clock.Now) >= call.Deadline - clock.Now)
        {
            if (promised)
            {
                call.Service.Budget.GiveBack();
            }

            return false;
        }

        if (promised || Allows(call.Service.Budget, call))
        {
            return true;
        }

        call.RetryRefused = true;
        metrics.BudgetExhausted(call.Service.Name);
        return false;
    }

    /// <summary>Whether a retry would only turn an answer into a timeout: this one took longer than there is time left, and nothing says
    /// that others are quicker.</summary>
    private bool IsTooLate(Call call) =>
        call.Last.Response is not null
        && call.Deadline - clock.Now is var left
        && call.LastTook > left
        && call.Service.LearnedTimeout.Value > left;

    private static bool Allows(RetryBudget budget, Call call)
    {
        // Where a level of priority has failed as a whole, this leads to the next.
        if (IsFree(call))
        {
            return true;
        }

        // Against a service that fails as a whole nothing is allowed.
        if (budget.IsClosed)
        {
            // A level of priority is not the service: the retry goes to the next one, and the failing one is soon out.
            return EndpointPicker.HasReserve(call);
        }

        // A connection that was refused, or lacks the version of HTTP, has cost the service nothing, and the retry elsewhere is the first
        // request that reaches an endpoint. A burst of first calls that meets such an endpoint would else spend the budget at once.
        var unsent = call.Last is { Outcome: CallOutcome.ConnectFailure } or { Outcome: CallOutcome.LocalError, MayBeSentAgain: true };
        if (unsent && EndpointPicker.HasUntried(call))
        {
            return true;
        }

        if (budget.TryWithdraw())
        {
            return true;
        }

        if (!EndpointPicker.HasReserve(call))
        {
            return false;
        }

        // A reserve that nothing has failed on yet is worth a debt.
        budget.Borrow();
        return true;
    }

    /// <summary>Whether the request's owner has disposed of it while it was under way. It can then be sent again
    /// only where nothing of it must be set.</summary>
    private static bool IsGone(Call call)
    {
        var request = call.Request;
        try
        {
            // Nothing tells it but a setter.
            request.Version = request.Version;
            return false;
        }
        catch (ObjectDisposedException)
        {
            return request.Content is not null
                || !call.Repeatable
                || call.Primary.IsOwn
                || !ReferenceEquals(call.TransportOf(call.LastTried!).Address(call.Address), request.RequestUri);
        }
    }

    /// <summary>How long to wait before the attempt that <see cref="TryBegin"/> allowed.</summary>
    public TimeSpan Delay(Call call) => Delay(call, random.NextDouble(), clock.Now);

    /// <summary>
    /// The first retry goes at once to an endpoint that was not tried yet. Further ones, and those that can only go to the same endpoint
    /// again, wait with full jitter, and as long as that endpoint asked for.
    /// </summary>
    private static TimeSpan Delay(Call call, double jitter, MeshTime now)
    {
        var elsewhere = EndpointPicker.HasUntried(call);
        if (elsewhere && call.Attempts == 1)
        {
            return TimeSpan.Zero;
        }

        // At most half of the time that is left: an attempt that begins at the deadline only turns an answer into a timeout.
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
