using Mesh.Client.Balancing;
using Mesh.Client.Discovery;

namespace Mesh.Client.Calls;

/// <summary>An attempt's claim on its endpoint: one request in flight, and the trial permit if it is a trial. Ended exactly once. Nothing in here throws or waits.</summary>
internal readonly struct Lease
{
    private readonly Service _service;
    private readonly bool _trial;

    private Lease(Service service, Endpoint endpoint, long start, bool trial)
    {
        _service = service;
        _trial = trial;
        Endpoint = endpoint;
        Start = start;
        endpoint.Load.Enter(start);
    }

    public Endpoint Endpoint { get; }

    public long Start { get; }

    public string ServiceName => _service.Name;

    /// <summary>Begins an attempt: the endpoint is charged with it, and the call remembers where it went.</summary>
    public static Lease Enter(Call call, Endpoint endpoint, long start, bool trial)
    {
        var lease = new Lease(call.Service, endpoint, start, trial);
        call.Attempts++;
        call.AddTried(endpoint);
        return lease;
    }

    /// <summary>Begins anew after a wait that was not for the endpoint.</summary>
    public Lease Restart(long start)
    {
        Exit();
        return new Lease(_service, Endpoint, start, _trial);
    }

    /// <summary>Tells balancer, outlier detection and retry budget how the attempt came out (at the response headers).</summary>
    public void Record(CallOutcome outcome, long now)
    {
        var load = Endpoint.Load;
        var elapsed = now - Start;
        switch (outcome)
        {
            case CallOutcome.Ok:
                load.ObserveLatency(now, elapsed / 1000f);
                load.ObserveSuccess(now);
                _service.LearnedTimeout.Observe(elapsed);
                _service.Outliers.OnSuccess(Endpoint, Start, now);
                break;

            case CallOutcome.Timeout:
                load.ObserveLatency(now, elapsed / 1000f);
                load.ObserveFailure(now, overloaded: false);
                _service.LearnedTimeout.Observe(elapsed);
                _service.Outliers.OnFailure(Endpoint, connectFailure: false, Start, _trial);
                break;

            case CallOutcome.UpstreamError or CallOutcome.UpstreamReset or CallOutcome.ConnectFailure:
                // A quick failure must never make the endpoint look fast: its time counts only if it is slow.
                load.ObserveAtLeast(now, elapsed / 1000f);
                load.ObserveFailure(now, overloaded: false);
                _service.Outliers.OnFailure(Endpoint, outcome == CallOutcome.ConnectFailure, Start, _trial);
                break;

            case CallOutcome.Overloaded:
                load.ObserveFailure(now, overloaded: true);
                ReleaseTrial();
                break;

            default:
                // The caller's decision is no fault of the endpoint, but that the answer was not there yet is evidence of its latency.
                load.ObserveAtLeast(now, elapsed / 1000f);
                ReleaseTrial();
                break;
        }

        _service.Balancer.Completed(new EndpointCandidate(Endpoint), new CompletedAttempt(elapsed, Verdict(outcome), now));

        // What never reached the endpoint was no load for the service, and says nothing about those that can be reached: with two of three dead,
        // and one of them not to be ejected, half of the first attempts fail and every retry goes well.
        if (outcome != CallOutcome.ConnectFailure)
        {
            _service.Budget.Record(outcome.IsFailure());
        }
        else
        {
            _service.AskSource(Endpoint);
        }
    }

    /// <summary>Takes what an answer says of its server; null when it says nothing.</summary>
    public void Report(LoadReport? report, long now)
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

    /// <summary>The response body broke: the endpoint failed after all.</summary>
    public void RecordBrokenBody(long now)
    {
        Endpoint.Load.ObserveFailure(now, overloaded: false);
        Endpoint.Health.LastFailure = "the response body broke off";
        _service.Outliers.OnFailure(Endpoint, connectFailure: false, Start, trial: false);
    }

    /// <summary>Nothing was sent: the attempt says nothing about its endpoint.</summary>
    public void Abandon()
    {
        ReleaseTrial();
        Exit();
    }

    public void Exit() => Endpoint.Load.Exit(Start);

    /// <summary>The answer is there, and its body will go on.</summary>
    public void Answered() => Endpoint.Load.Answered(Start);

    /// <summary>Ends what was <see cref="Answered"/>.</summary>
    public void ExitAnswered() => Endpoint.Load.ExitAnswered();

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
            _service.Outliers.OnUndecided(Endpoint, Start);
        }
    }
}
