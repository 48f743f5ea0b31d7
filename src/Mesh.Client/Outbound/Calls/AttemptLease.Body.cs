using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

// An answer with a body behind it: what its head says, and the verdict at the end of the body.
internal readonly partial struct AttemptLease
{
    /// <summary>What the head of an answer says, where a body follows it.</summary>
    /// <param name="result">How the attempt came out by its head.</param>
    /// <param name="status">The status of the answer.</param>
    public HeadVerdict OfHead(in AttemptResult result, int status) =>
        result.IsRefusal ? HeadVerdict.Refused
        : (status < 400 ? result.Outcome : OfEndpoint(result.Outcome, status)) switch
        {
            CallOutcome.Ok => HeadVerdict.Good,
            CallOutcome.Overloaded => HeadVerdict.Overloaded,
            // An error that does not count against the endpoint is a failure of the call nevertheless: its retry is decided by now.
            null when result.Outcome != CallOutcome.UpstreamError => Counts(status) ? HeadVerdict.RefusedListed : HeadVerdict.Refused,
            _ => HeadVerdict.Final,
        };

    /// <summary>The head is good, and a body follows: how fast the endpoint is can be said, whether it is good not yet.</summary>
    /// <param name="now">When that is known.</param>
    /// <param name="asked">Since when the answer was waited for.</param>
    /// <param name="held">Whether the head has waited for its body, which is still not there.</param>
    public void RecordHead(MeshTime now, MeshTime asked, bool held)
    {
        var elapsed = now - asked;
        if (held)
        {
            Endpoint.Load.ObserveAtLeast(now, elapsed.InMilliseconds());
            return;
        }

        Endpoint.Load.ObserveLatency(now, elapsed.InMilliseconds());
        _service.LearnedTimeout.Observe(elapsed);
    }

    /// <summary>The verdict about an attempt at the end of its body: its head was good, or it refused and the body has not come
    /// whole.</summary>
    /// <param name="outcome">Of the whole.</param>
    /// <param name="answered">When the head came.</param>
    /// <param name="now">When the body ended.</param>
    /// <param name="measured">Whether the end of the body is what the caller has waited for, and so the latency.</param>
    /// <param name="trial">Whether it decides about an ejected endpoint.</param>
    /// <param name="refused">Whether its trailers refuse the call, in whosever's mistake.</param>
    public void RecordBody(CallOutcome outcome, MeshTime answered, MeshTime now, bool measured, bool trial, bool refused)
    {
        var load = Endpoint.Load;
        var succeeded = Verdict(outcome);
        if (measured && !refused)
        {
            RecordHead(now, Start, held: false);
        }

        if (refused)
        {
            succeeded = Compare(now, measured ? now - Start : null, counts: false, trial);
        }
        else if (outcome == CallOutcome.Ok)
        {
            load.ObserveSuccess(now);
            _service.Outliers.OnSuccess(Endpoint, Start, now);
        }
        else if (outcome.IsFailure())
        {
            Fail(outcome, now, trial);
        }
        else
        {
            if (outcome == CallOutcome.Overloaded)
            {
                load.ObserveFailure(now, overloaded: true);
                _service.Outliers.OnOverload(Endpoint, Start, trial, now);
            }
            else if (trial)
            {
                _service.Outliers.OnUndecided(Endpoint, Start);
            }
        }

        Tell(outcome, succeeded, answered - Start, now);
    }

    /// <summary>The verdict about an attempt that was refused by its head, at the end of a body that did not break.</summary>
    /// <param name="listed">Whether its status counts as a failure where the others do not refuse as much.</param>
    /// <param name="elapsed">How long the head was waited for.</param>
    /// <param name="now">When the body ended.</param>
    /// <param name="trial">Whether it decides about an ejected endpoint.</param>
    public void RecordRefusedBody(bool listed, TimeSpan elapsed, MeshTime now, bool trial) =>
        Tell(CallOutcome.Ok, Compare(now, elapsed, listed, trial), elapsed, now);

    /// <summary>The body broke of an answer whose verdict was given at its head. Balancer and retry budget have the attempt already; a
    /// trial is decided.</summary>
    public void RecordBreak(MeshTime now) => Fail(CallOutcome.UpstreamReset, now, trial: false);

    /// <summary>Decides on a trial whose body goes on.</summary>
    /// <param name="good">Whether it has shown enough.</param>
    /// <param name="head">What its head says.</param>
    /// <param name="now">When that is decided.</param>
    public void SettleTrial(bool good, HeadVerdict head, MeshTime now)
    {
        if (!good)
        {
            _service.Outliers.OnUndecided(Endpoint, Start);
        }
        else if (head == HeadVerdict.Good)
        {
            _service.Outliers.OnSuccess(Endpoint, Start, now);
        }
        else
        {
            _service.Outliers.OnRefusal(Endpoint, head == HeadVerdict.RefusedListed, Start, trial: true, now);
        }
    }

    /// <summary>A failure that the body has shown.</summary>
    private void Fail(CallOutcome outcome, MeshTime now, bool trial)
    {
        Endpoint.Load.ObserveFailure(now, overloaded: false);
        Endpoint.Health.LastFailure = outcome == CallOutcome.UpstreamReset ? "the response body broke off" : outcome.Name();
        _service.Outliers.OnFailure(Endpoint, connectFailure: false, Start, trial);
    }
}
