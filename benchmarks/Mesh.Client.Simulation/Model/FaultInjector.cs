using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Model;

/// <summary>Makes a scenario's faults happen to its servers.</summary>
internal sealed class FaultInjector(SimulatedTime time, Fleet fleet, int seed)
{
    private readonly Xoshiro _random = new(seed, Streams.Faults);

    public void Schedule(Fault fault)
    {
        switch (fault)
        {
            case Slow slow:
                Between(fault, slow.Count, s => s.SetFactor(slow.Factor), s => s.SetFactor(1));
                break;
            case FastFail fail:
                Between(
                    fault,
                    fail.Count,
                    s => (s.FailProbability, s.FailLatencyMs, s.WrongAnswer) = (fail.Probability, fail.LatencyMs, fail.Answer),
                    s => s.FailProbability = 0);
                break;
            case Dead dead:
                Between(fault, dead.Count, s => s.IsDead = true, s => s.IsDead = false);
                break;
            case Outage outage:
                Between(fault, (int)(outage.Fraction * fleet.Servers.Length), s => s.IsRefusing = true, s => s.IsRefusing = false);
                break;
            case Antagonist antagonist:
                time.At(fault.At, () => Haunt(antagonist, []));
                break;
            case Pauses pauses:
                foreach (var server in fleet.Servers)
                {
                    time.At(fault.At + _random.Exponential(pauses.MeanIntervalMs), () => Pause(server, pauses));
                }

                break;
            case Rolling rolling:
                for (var first = 0; first < fleet.Servers.Length; first += rolling.Batch)
                {
                    var batch = Enumerable.Range(first, Math.Min(rolling.Batch, fleet.Servers.Length - first)).ToArray();
                    time.At(fault.At + (first / rolling.Batch * rolling.StepMs), () => Restart(batch, rolling));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, "Unknown fault.");
        }
    }

    private void Between(Fault fault, int count, Action<Server> begin, Action<Server> end)
    {
        var servers = Choose(count);
        time.At(fault.At, () => Array.ForEach(servers, begin));
        time.At(fault.Until, () => Array.ForEach(servers, end));
    }

    private void Haunt(Antagonist antagonist, Server[] before)
    {
        Array.ForEach(before, s => s.SetFactor(1));
        var victims = Choose((int)(antagonist.Fraction * fleet.Servers.Length));
        Array.ForEach(victims, s => s.SetFactor(antagonist.Factor));
        time.After(antagonist.PeriodMs, () => Haunt(antagonist, victims));
    }

    private void Pause(Server server, Pauses pauses)
    {
        server.SetPaused(true);
        time.After(pauses.PauseMs, () => server.SetPaused(false));
        time.After(pauses.PauseMs + _random.Exponential(pauses.MeanIntervalMs), () => Pause(server, pauses));
    }

    /// <summary>What runs on a server that goes down is still finished; new connections are refused.</summary>
    private void Restart(int[] batch, Rolling rolling)
    {
        ForEach(batch, s => s.IsRefusing = true);
        time.After(rolling.StaleMs, () => fleet.List(batch, listed: false));
        time.After(rolling.DownMs, () => ForEach(batch, s =>
        {
            s.IsRefusing = false;
            s.SetFactor(rolling.ColdFactor);
        }));
        time.After(rolling.DownMs + rolling.VisibleAfterMs, () => fleet.List(batch, listed: true));
        time.After(rolling.DownMs + rolling.ColdMs, () => ForEach(batch, s => s.SetFactor(1)));
    }

    private void ForEach(int[] servers, Action<Server> act) => Array.ForEach(servers, i => act(fleet.Servers[i]));

    /// <summary>The first of a random order (Fisher and Yates, no further than needed).</summary>
    private Server[] Choose(int count)
    {
        var servers = fleet.Servers.ToArray();
        for (var i = 0; i < count; i++)
        {
            var j = i + _random.Below(servers.Length - i);
            (servers[i], servers[j]) = (servers[j], servers[i]);
        }

        return servers[..count];
    }
}
