using Mesh.Client.Model;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Resilience;

namespace Mesh.Client.Simulation.Model;

/// <summary>One request of a user: the product's call, its attempts and its end. Stands where <see cref="CallPipeline"/> and Polly's loop
/// do, which only wait.</summary>
internal sealed class SimulatedCall(World world, SimulatedClient client, double demand)
{
    private readonly Call _call = new();
    private readonly double _arrived = world.Time.Now;
    private BreakerTrial? _trial;

    public World World => world;

    public SimulatedClient Client => client;

    public Call Call => _call;

    /// <summary>The work it is; further attempts are the same work again.</summary>
    public double Demand => demand;

    public void Start()
    {
        _call.Begin(client.Service, world.Request, ProductParts.Primary, synchronous: false, world.Clock.Now, CancellationToken.None);
        var breaker = client.Service.Subsets[0].Breaker;
        if (breaker.IsClosed)
        {
            Attempt();
            return;
        }

        // Polly decides at once whether it lets the call through, and then waits for the verdict.
        _trial = breaker.AdmitAsync(world.Clock.Now).AsTask().GetAwaiter().GetResult().Trial;
        if (_trial is null)
        {
            _call.Last = new AttemptResult(Answers.Refused, CallOutcome.CircuitOpen);
            End();
            return;
        }

        Attempt();
    }

    /// <summary>An attempt has ended and its lease is closed: done, or once more.</summary>
    public void Ended(in AttemptResult result)
    {
        _call.First.Result = result;
        _call.Take(_call.First);
        if (world.Retries.TryBegin(_call.First))
        {
            var delay = world.Retries.Delay(_call);
            if (delay > TimeSpan.Zero)
            {
                world.Time.After(delay.TotalMilliseconds, Attempt);
            }
            else
            {
                Attempt();
            }

            return;
        }

        if (_trial is null)
        {
            client.Service.Subsets[0].Breaker.Record(result.Outcome);
        }

        End();
    }

    private void Attempt()
    {
        var attempt = _call.First;
        attempt.Begin();
        var start = world.Clock.Now;
        if (start >= _call.Deadline)
        {
            Ended(new AttemptResult(Answers.NoAnswer, CallOutcome.Timeout));
            return;
        }

        var endpoint = EndpointPicker.Pick(_call, start, out var trial);
        if (endpoint is null)
        {
            Ended(new AttemptResult(Answers.Refused, CallOutcome.NoEndpoint));
            return;
        }

        attempt.Enter(endpoint, start, trial);
        attempt.Deposit();
        var time = AttemptTime.For(attempt, start);
        new SimulatedAttempt(this, attempt.Lease, time.TotalMilliseconds).Send();
    }

    private void End()
    {
        world.Trace.Ended(
            _arrived, world.Time.Now - _arrived,
            _call.Last is { Outcome: CallOutcome.Ok, Response: null or { IsSuccessStatusCode: true } }, _call.Attempts, world.DeadlineMs);
        if (_trial?.Decide(_call.Last.Outcome) == false)
        {
            client.Service.Subsets[0].Breaker.Record(_call.Last.Outcome);
        }
    }
}
