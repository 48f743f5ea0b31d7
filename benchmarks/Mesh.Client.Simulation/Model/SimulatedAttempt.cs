using Mesh.Client.Model;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Model;

/// <summary>One attempt on its way: to the server, through it and back. Stands where <see cref="AttemptPipeline"/> does.</summary>
internal sealed class SimulatedAttempt(SimulatedCall call, AttemptLease lease, double timeMs)
{
    /// <summary>How long it takes to notice that a dead server does not accept connections.</summary>
    private const double ConnectTimeoutMs = 250;

    private readonly World _world = call.World;
    private readonly Server _server = call.World.Fleet.ServerOf(lease.Endpoint);
    private Job? _job;
    private LoadReport? _report;
    private bool _ended;

    public void Send()
    {
        _server.OnTheWay++;
        _world.Time.After(timeMs, OnTimeUp);
        _world.Time.After(_world.OneWayMs, OnArrival);
    }

    private void OnArrival()
    {
        _server.OnTheWay--;
        if (_server.IsDead)
        {
            _world.Time.After(
                ConnectTimeoutMs - _world.OneWayMs, () => Complete(new AttemptResult(Answers.Refused, CallOutcome.ConnectFailure)));
        }
        else if (_server.IsRefusing)
        {
            Reply(new AttemptResult(Answers.Refused, CallOutcome.ConnectFailure));
        }
        else if (_server.FailProbability > 0 && _world.Coin.Fraction() < _server.FailProbability)
        {
            _world.Time.After(_server.FailLatencyMs, AnswerWrongly);
        }
        else if (_server.InSystem >= Server.Capacity)
        {
            Reply(Answers.Full);
        }
        else
        {
            _job = new Job(call.Demand, () =>
            {
                _report = _world.Reports(Fleet.IndexOf(lease.Endpoint)) && LoadReport.TryParse(_server.Load.HeaderValue, out var report)
                    ? report
                    : null;
                Reply(Answers.Ok);
            });
            _server.Accept(_job);
        }
    }

    private void AnswerWrongly()
    {
        if (_server.WrongAnswer == WrongAnswer.Reset)
        {
            Reply(new AttemptResult(Answers.Reset, CallOutcome.UpstreamReset));
            return;
        }

        Reply(_server.WrongAnswer switch
        {
            WrongAnswer.TooMany => Answers.TooMany,
            WrongAnswer.Shed => Answers.Shed,
            WrongAnswer.NotFound => Answers.NotFound,
            WrongAnswer.NotImplemented => Answers.NotImplemented,
            _ => Answers.Error,
        });
    }

    private void Reply(HttpResponseMessage response) => Reply(new AttemptResult(response, OutcomeClassifier.Classify(response)));

    private void Reply(AttemptResult result) => _world.Time.After(_world.OneWayMs, () => Complete(result));

    private void OnTimeUp()
    {
        if (_ended)
        {
            return;
        }

        if (_world.PropagatesDeadline)
        {
            _world.Time.After(_world.OneWayMs, () =>
            {
                if (_job is { } job)
                {
                    _server.Cancel(job);
                }
            });
        }

        Complete(new AttemptResult(Answers.NoAnswer, CallOutcome.Timeout));
    }

    private void Complete(AttemptResult result)
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        var now = _world.Clock.Now;
        lease.Record(result.Outcome, now, lease.Start, (int?)result.Response?.StatusCode ?? 0, undecided: false);
        if (result.Outcome == CallOutcome.Ok)
        {
            lease.Report(_report, now);
        }

        lease.Exit();
        _world.Trace.Attempted(_world.Time.Now, call.Client.Index, Fleet.IndexOf(lease.Endpoint), result.Outcome);
        call.Ended(result);
    }
}
