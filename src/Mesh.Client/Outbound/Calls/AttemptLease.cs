using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.OutlierDetection;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>An attempt's claim on its endpoint: one request in flight, and the trial permit if it is a trial. Ended exactly once. Nothing
/// here throws or waits.</summary>
internal readonly partial struct AttemptLease
{
    private readonly Target _target;
    private readonly bool _trial;

    private AttemptLease(Target target, Endpoint endpoint, MeshTime start, bool trial)
    {
        _target = target;
        _trial = trial;
        Endpoint = endpoint;
        Start = start;
        endpoint.Load.Enter(start);
    }

    public Endpoint Endpoint { get; }

    public MeshTime Start { get; }

    public string ServiceName => _target.Owner.Name;

    /// <summary>Whether it is the one attempt that decides about an ejected endpoint.</summary>
    public bool IsTrial => _trial;

    /// <summary>Begins an attempt: counts it at the endpoint.</summary>
    public static AttemptLease Enter(Target target, Endpoint endpoint, MeshTime start, bool trial) => new(target, endpoint, start, trial);

    /// <summary>Restarts the clock after a wait that the endpoint did not cause.</summary>
    public AttemptLease Restart(MeshTime start)
    {
        Exit();
        return new AttemptLease(_target, Endpoint, start, _trial);
    }

    /// <summary>Reports the outcome to balancer, outlier detection and retry budget: at the headers, unless these are good and a body
    /// follows.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="now">When it came out.</param>
    /// <param name="asked">When the wait for the answer began: the start, or the end of a large request body.</param>
    /// <param name="status">The status of the answer; 0 without one.</param>
    /// <param name="undecided">Whether outlier detection is told later, or not at all (see <see cref="Call.Cuts"/>).</param>
    public void Record(CallOutcome outcome, MeshTime now, MeshTime asked, int status, bool undecided)
    {
        var load = Endpoint.Load;
        var elapsed = now - asked;
        var succeeded = Verdict(outcome);
        var said = status < 400 ? outcome : OfEndpoint(outcome, status);
        switch (said)
        {
            case null:
                succeeded = Compare(now, elapsed, Counts(status), _trial);
                break;

            case CallOutcome.Ok:
                load.ObserveLatency(now, elapsed.InMilliseconds());
                load.ObserveSuccess(now);
                _target.Learned.Observe(elapsed);
                _target.Owner.Outliers.OnSuccess(Endpoint, Start, now);
                break;

            case CallOutcome.Timeout:
                load.ObserveLatency(now, elapsed.InMilliseconds());
                load.ObserveFailure(now, overloaded: false);
                _target.Learned.ObserveTimeout(elapsed, _target.Policy.TimeLimit);
                if (!undecided)
                {
                    _target.Owner.Outliers.OnFailure(Endpoint, connectFailure: false, Start, _trial);
                }

                break;

            case CallOutcome.UpstreamError or CallOutcome.UpstreamReset or CallOutcome.ConnectFailure:
                // A quick failure must never make the endpoint look fast: its time counts only if it is slow.
                load.ObserveAtLeast(now, elapsed.InMilliseconds());
                load.ObserveFailure(now, overloaded: false);
                succeeded = false;
                _target.Owner.Outliers.OnFailure(Endpoint, outcome == CallOutcome.ConnectFailure, Start, _trial);
                break;

            case CallOutcome.Overloaded:
                load.ObserveAtLeast(now, elapsed.InMilliseconds());
                load.ObserveFailure(now, overloaded: true);
                _target.Owner.Outliers.OnOverload(Endpoint, Start, _trial, now);
                break;

            case CallOutcome.Canceled or CallOutcome.Deadline:
                // No fault of the endpoint, but the missing answer is evidence of its latency.
                load.ObserveSilence(now, load.HasLatency ? elapsed.InMilliseconds() : Math.Max(elapsed.InMilliseconds(), Typical()));
                ReleaseTrial();
                break;

            default:
                load.ObserveAtLeast(now, elapsed.InMilliseconds());
                ReleaseTrial();
                break;
        }

        Tell(outcome, succeeded, elapsed, now);
    }

    /// <summary>Reports an attempt that was refused in another way than by its status.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="now">When it came out.</param>
    /// <param name="asked">When the wait for the answer began.</param>
    /// <param name="counts">Whether it counts as a failure if the other endpoints refuse less often.</param>
    /// <param name="sent">Whether the request reached the endpoint at all. If not, the time says nothing about its latency, or about how
    /// long to wait for it.</param>
    public void RecordRefusal(CallOutcome outcome, MeshTime now, MeshTime asked, bool counts, bool sent) =>
        Tell(outcome, Compare(now, sent ? now - asked : null, counts, _trial), now - asked, now);

    /// <summary>The connection accepted no more of the request's body: the endpoint has crashed or has refused the request, and only a
    /// comparison with its peers can tell. The time says nothing about its latency, and nothing is learned about the service.</summary>
    public void RecordCutOff(MeshTime now)
    {
        var verdict = _target.Owner.Outliers.OnCutOff(Endpoint, Start, _trial, now);
        bool? succeeded = verdict == PeerVerdict.Alike ? null : Hold(verdict, now);
        TellBalancer(new CompletedAttempt(now - Start, succeeded, now));
    }

    /// <summary>Nothing is learned about the endpoint: this process did not run while it may have answered.</summary>
    public void RecordNothing(MeshTime now)
    {
        ReleaseTrial();
        TellBalancer(new CompletedAttempt(TimeSpan.Zero, null, now));
    }

    private void TellBalancer(in CompletedAttempt attempt)
    {
        var balancer = _target.Subset.Balancer;
        balancer.OnCompleted(new EndpointCandidate(Endpoint, balancer), attempt);
    }

    /// <summary>Reports to balancer and retry budget.</summary>
    /// <summary>The average latency of the service's endpoints, in milliseconds: one that was silent must not look faster than they
    /// are.</summary>
    private float Typical()
    {
        var (sum, count) = (0f, 0);
        foreach (var endpoint in _target.Subset.Endpoints.Usable)
        {
            if (endpoint.Load.HasLatency)
            {
                sum += endpoint.Load.Latency;
                count++;
            }
        }

        return count == 0 ? 0 : sum / count;
    }

    private void Tell(CallOutcome outcome, bool? succeeded, TimeSpan elapsed, MeshTime now)
    {
        TellBalancer(new CompletedAttempt(elapsed, succeeded, now));

        // An attempt that never reached the endpoint was no load for the service, and says nothing about the reachable endpoints: with two
        // of three dead, and one of them not ejectable, half of the first attempts fail and every retry succeeds. An attempt that the
        // caller ended does not count either: impatient calls must not hide that a service fails.
        if (outcome == CallOutcome.ConnectFailure)
        {
            _target.Owner.AskSource(Endpoint);
        }
        else if (Verdict(outcome) is not null)
        {
            _target.Subset.Budget.Record(outcome.IsFailure());
        }
    }

    /// <summary>Takes an answer's load report; null for none.</summary>
    public void Report(LoadReport? report, MeshTime now)
    {
        if (report is { } load)
        {
            Endpoint.Load.ObserveReport(now, load);
        }
        else
        {
            Endpoint.Load.ForgetReport();
        }
    }

    /// <summary>Nothing was sent: the attempt says nothing about its endpoint.</summary>
    public void Abandon()
    {
        ReleaseTrial();
        Exit();
    }

    public void Exit() => Endpoint.Load.Exit(Start);

    /// <summary>The answer has arrived, and its body continues.</summary>
    public void Answered(MeshTime now, bool openEnded) => Endpoint.Load.Answered(Start, now, openEnded);

    /// <summary>Ends what <see cref="Answered"/> began.</summary>
    public void ExitAnswered(MeshTime answered, bool openEnded) => Endpoint.Load.ExitAnswered(answered, openEnded);

    /// <summary>The verdict of a status of 400 and above on the endpoint; null for a refusal, which may be the caller's mistake. The result
    /// of the call does not depend on it.</summary>
    private CallOutcome? OfEndpoint(CallOutcome outcome, int status) => outcome switch
    {
        CallOutcome.Ok or CallOutcome.UpstreamError => status >= 500 && Counts(status) ? CallOutcome.UpstreamError : null,
        CallOutcome.Overloaded when status < 500 && Counts(status) => null,
        _ => outcome,
    };

    private bool Counts(int status) => _target.Owner.OutlierDetection.Statuses.Contains(status);

    /// <summary>A quick refusal must not make the endpoint look fast, unless all endpoints refuse alike.</summary>
    private bool? Compare(MeshTime now, TimeSpan? elapsed, bool counts, bool trial)
    {
        var load = Endpoint.Load;
        var verdict = _target.Owner.Outliers.OnRefusal(Endpoint, counts, Start, trial, now);
        if (verdict == PeerVerdict.Alike)
        {
            if (elapsed is { } latency)
            {
                load.ObserveLatency(now, latency.InMilliseconds());
                _target.Learned.Observe(latency);
            }

            load.ObserveSuccess(now);
            return true;
        }

        if (elapsed is { } least)
        {
            load.ObserveAtLeast(now, least.InMilliseconds());
        }

        return Hold(verdict, now);
    }

    /// <summary>Counts it against the endpoint that its peers answer differently.</summary>
    private bool? Hold(PeerVerdict verdict, MeshTime now)
    {
        if (verdict == PeerVerdict.Unknown)
        {
            return null;
        }

        Endpoint.Load.ObserveFailure(now, overloaded: verdict == PeerVerdict.Doubtful);

        // A suspicion that proves unfounded must leave no trace: a policy may remember a failure for a minute.
        return verdict == PeerVerdict.Doubtful ? null : false;
    }

    private static bool? Verdict(CallOutcome outcome) => outcome switch
    {
        CallOutcome.Ok => true,
        CallOutcome.Overloaded => false,
        _ => outcome.IsFailure() ? false : null,
    };

    private void ReleaseTrial()
    {
        if (_trial)
        {
            _target.Owner.Outliers.OnUndecided(Endpoint, Start);
        }
    }
}
