using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>How long an attempt may wait for its answer.</summary>
internal static class AttemptTime
{
    /// <summary>The rest of the deadline; less while another attempt could follow, so that a stuck endpoint is abandoned in time.</summary>
    public static TimeSpan For(Attempt attempt, MeshTime now)
    {
        var call = attempt.Call;
        var remaining = call.Deadline - now;
        var limit = Duration.NoLimit;
        if (call.Repeatable && call.HasAttemptsLeft && RetryRules.HasRetry(attempt))
        {
            // A learned timeout is a guess: it may send a call elsewhere. It must not abandon the only endpoint, which is then slow for a
            // reason, nor repeat a write that the first attempt may still perform.
            if (call.Policy.AttemptTimeout is { } configured)
            {
                limit = configured;
            }
            else if (RequestMethods.IsAnsweredAlike(attempt.Request) && EndpointPicker.HasUntriedInTime(call))
            {
                limit = LearnedFor(call, attempt.Endpoint, remaining);
            }
        }

        attempt.HasRest = remaining <= limit;
        return Duration.Min(remaining, limit);
    }

    /// <summary>The learned time. After an attempt that ran out of it, at most half of the time left: two attempts that hang must not use
    /// up the call, however slow the service was before. If that attempt's endpoint has answered others meanwhile, all of it: then it is
    /// probably the request that is slow, on all endpoints. Not on an endpoint that has failed last: it may hang.</summary>
    private static TimeSpan LearnedFor(Call call, Endpoint endpoint, TimeSpan remaining)
    {
        var learned = call.Target.Learned.Of(remaining);
        return call.Last.Outcome != CallOutcome.Timeout || learned == Duration.NoLimit ? learned
            : call.Cuts is not null && !endpoint.Health.HasFailures ? Duration.NoLimit
            : Duration.Min(learned, remaining.Half());
    }
}
