using Mesh.Client.Inbound;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Model;

/// <summary>A server: requests share its processors, or wait for one of its workers.</summary>
/// <remarks>A clock of work runs as fast as each running request is worked on; a request ends when that clock has moved by its demand. So
/// an arrival costs nothing for the requests that are there.</remarks>
internal sealed class Server(SimulatedTime time, ServerLoad load, int workers, double speed, bool fifo)
{
    /// <summary>Further requests are refused with 503.</summary>
    public const int Capacity = 1_000;

    private readonly PriorityQueue<Job, double> _running = new();
    private readonly Queue<Job> _waiting = new();
    private int _runningCount;
    private int _waitingCount;
    private double _work;
    private double _since;
    private double _factor = 1;
    private bool _paused;
    private int _version;

    public int Workers => workers;

    /// <summary>The product's own account of it.</summary>
    public ServerLoad Load => load;

    /// <summary>How fast it is now: 0 while it stands still.</summary>
    public double Speed => _paused ? 0 : speed * _factor;

    public int InSystem => _runningCount + _waitingCount;

    /// <summary>Requests on their way to it. Only the oracle looks at them.</summary>
    public int OnTheWay { get; set; }

    /// <summary>Connections time out.</summary>
    public bool IsDead { get; set; }

    /// <summary>Connections are refused.</summary>
    public bool IsRefusing { get; set; }

    public double FailProbability { get; set; }

    public double FailLatencyMs { get; set; }

    public WrongAnswer WrongAnswer { get; set; }

    public bool IsSound => !IsDead && !IsRefusing && FailProbability == 0;

    public void Accept(Job job)
    {
        Advance();
        job.Start = load.Begin();
        _waiting.Enqueue(job);
        _waitingCount++;
        StartWaiting();
        Schedule();
    }

    public void Cancel(Job job)
    {
        if (job.State == JobState.Ended)
        {
            return;
        }

        Advance();
        if (job.State == JobState.Running)
        {
            _runningCount--;
        }
        else
        {
            _waitingCount--;
        }

        load.End(job.Start, counts: false);

        // It stays where it is kept, and is passed over there.
        job.State = JobState.Ended;
        StartWaiting();
        Schedule();
    }

    /// <summary>From now on it works at this share of its speed.</summary>
    public void SetFactor(double factor)
    {
        Advance();
        _factor = factor;
        Schedule();
    }

    public void SetPaused(bool paused)
    {
        Advance();
        _paused = paused;
        Schedule();
    }

    private double Rate() => Speed * (fifo ? 1 : Math.Min(1, workers / (double)Math.Max(1, _runningCount)));

    private void Advance()
    {
        _work += (time.Now - _since) * Rate();
        _since = time.Now;
    }

    private void StartWaiting()
    {
        while ((!fifo || _runningCount < workers) && _waiting.TryDequeue(out var job))
        {
            if (job.State == JobState.Ended)
            {
                continue;
            }

            _waitingCount--;
            _runningCount++;
            job.State = JobState.Running;
            job.End = _work + job.Demand;
            _running.Enqueue(job, job.End);
        }
    }

    private void Schedule()
    {
        var version = ++_version;
        while (_running.TryPeek(out var next, out _) && next.State == JobState.Ended)
        {
            _running.Dequeue();
        }

        if (_running.Count > 0 && Rate() is > 0 and var rate)
        {
            time.After((_running.Peek().End - _work) / rate, () =>
            {
                if (version == _version)
                {
                    Complete();
                }
            });
        }
    }

    private void Complete()
    {
        Advance();
        var job = _running.Dequeue();
        _work = Math.Max(_work, job.End);
        job.State = JobState.Ended;
        load.End(job.Start, counts: true);
        _runningCount--;
        StartWaiting();
        Schedule();
        job.Done();
    }
}
