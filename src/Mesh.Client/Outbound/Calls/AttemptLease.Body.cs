using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

// An answer with a body: the verdict of its head, and the one at the end of the body.
internal readonly partial struct AttemptLease
{
    /// <summary>The verdict of an answer's head, where a body follows.</summary>
    /// <param name="result">The result of the attempt by its head.</param>
    /// <param name="status">The status of the answer.</param>
    public HeadVerdict OfHead(in AttemptResult result, int status) =>
        result.IsRefusal ? HeadVerdict.Refused
        : (status < 400 ? result.Outcome : OfEndpoint(result.Outcome, status)) switch
        {
            CallOutcome.Ok => HeadVerdict.Good,
            CallOutcome.Overloaded => HeadVerdict.Overloaded,
            // An error that does not count against the endpoint is still a failure of the call: its retry is already decided.
            null when result.Outcome != CallOutcome.UpstreamError => Counts(status) ? HeadVerdict.RefusedListed : HeadVerdict.Refused,
            _ => HeadVerdict.Final,
        };

    /// <summary>The head is good, and a body follows: the endpoint's speed is known, its health is not yet.</summary>
    /// <param name="now">When that is known.</param>
    /// <param name="asked">When the wait for the answer began.</param>
    /// <param name="held">Whether the head has waited for its body, which has not arrived yet.</param>
    public void RecordHead(MeshTime now, MeshTime asked, bool held)
    {
        var elapsed = now - asked;
        if (held)
        {
            Endpoint.Load.ObserveAtLeast(now, elapsed.InMilliseconds());
            return;
        }

        Endpoint.Load.ObserveLatency(now, elapsed.InMilliseconds());
        _target.Learned.Observe(elapsed);
    }

    /// <summary>The verdict about an attempt at the end of its body: the head was good, or it was a refusal and the body is
    /// incomplete.</summary>
    /// <param name="outcome">The outcome of the whole attempt.</param>
    /// <param name="answered">When the head arrived.</param>
    /// <param name="now">When the body ended.</param>
    /// <param name="measured">Whether the caller has waited for the end of the body, so that it defines the latency.</param>
    /// <param name="trial">Whether it decides about an ejected endpoint.</param>
    /// <param name="refused">Whether its trailers refuse the call; the mistake may be the caller's.</param>
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
            _target.Owner.Outliers.OnSuccess(Endpoint, Start, now);
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
                _target.Owner.Outliers.OnOverload(Endpoint, Start, trial, now);
            }
            else if (trial)
            {
                _target.Owner.Outliers.OnUndecided(Endpoint, Start);
            }
        }

        Tell(outcome, succeeded, answered - Start, now);
    }

    /// <summary>The verdict about an attempt that was refused by its head, at the end of a body that did not break.</summary>
    /// <param name="listed">Whether its status counts as a failure if the other endpoints give it less often.</param>
    /// <param name="elapsed">The wait for the head.</param>
    /// <param name="now">When the body ended.</param>
    /// <param name="trial">Whether it decides about an ejected endpoint.</param>
    public void RecordRefusedBody(bool listed, TimeSpan elapsed, MeshTime now, bool trial) =>
        Tell(CallOutcome.Ok, Compare(now, elapsed, listed, trial), elapsed, now);

    /// <summary>The body broke after a verdict was given at the head. Balancer and retry budget have counted the attempt; a trial is
    /// decided.</summary>
    public void RecordBreak(MeshTime now) => Fail(CallOutcome.UpstreamReset, now, trial: false);

    /// <summary>Decides a trial while its body continues.</summary>
    /// <param name="good">Whether it has shown enough.</param>
    /// <param name="head">The verdict of its head.</param>
    /// <param name="now">When that is decided.</param>
    public void SettleTrial(bool good, HeadVerdict head, MeshTime now)
    {
        if (!good)
        {
            _target.Owner.Outliers.OnUndecided(Endpoint, Start);
        }
        else if (head == HeadVerdict.Good)
        {
            _target.Owner.Outliers.OnSuccess(Endpoint, Start, now);
        }
        else
        {
            _target.Owner.Outliers.OnRefusal(Endpoint, head == HeadVerdict.RefusedListed, Start, trial: true, now);
        }
    }

    /// <summary>A failure seen in the body.</summary>
    private void Fail(CallOutcome outcome, MeshTime now, bool trial)
    {
        Endpoint.Load.ObserveFailure(now, overloaded: false);
        Endpoint.Health.LastFailure = outcome == CallOutcome.UpstreamReset ? "the response body broke off" : outcome.Name();
        _target.Owner.Outliers.OnFailure(Endpoint, connectFailure: false, Start, trial);
    }
}
