using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Mesh.Client.Simulation.Policies;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Model;

/// <summary>One run: a scenario, a policy and a seed. Every client is a process of its own, with a <see cref="Service"/> of the
/// product.</summary>
internal sealed class World
{
    private readonly Scenario _scenario;
    private readonly SimulatedPolicy _policy;
    private readonly Xoshiro _arrivals;
    private readonly Xoshiro _choice;
    private readonly DemandSource _demand;
    private readonly SimulatedClient[] _clients;

    private World(Scenario scenario, SimulatedPolicy policy, int seed)
    {
        _scenario = scenario;
        _policy = policy;
        _arrivals = new Xoshiro(seed, Streams.Arrivals);
        _choice = new Xoshiro(seed, Streams.Clients);
        _demand = new DemandSource(scenario, seed);
        Coin = new Xoshiro(seed, Streams.Servers);
        Random = new PolicyRandom(seed);
        Time = new SimulatedTime();
        Clock = new MeshClock(Time);
        Fleet = new Fleet(scenario, Time, Clock);
        Retries = new RetryRules(Clock, Random, ProductParts.Metrics);
        _clients = [.. Enumerable.Range(0, scenario.Clients).Select(i => new SimulatedClient(i, this, scenario, policy))];
        Fleet.Changed = Publish;
        Publish(Fleet.Listed);
        var faults = new FaultInjector(Time, Fleet, seed);
        Array.ForEach(scenario.Faults, faults.Schedule);
    }

    public SimulatedTime Time { get; }

    public MeshClock Clock { get; }

    public PolicyRandom Random { get; }

    /// <summary>Decides which requests a faulty server fails.</summary>
    public Xoshiro Coin { get; }

    public Fleet Fleet { get; }

    public RetryRules Retries { get; }

    public Trace Trace { get; } = new();

    public double OneWayMs => _scenario.OneWayMs;

    public double DeadlineMs => _scenario.DeadlineMs;

    /// <summary>Whether a server hears that its caller has given up, as it does from the mesh.</summary>
    public bool PropagatesDeadline => _policy.PropagatesDeadline;

    /// <summary>Whether this server says with each answer how much it has to do.</summary>
    public bool Reports(int server) => (int)((server + 1) * _policy.Reporting) > (int)(server * _policy.Reporting);

    /// <summary>The request that all calls send: repeatable, without a body.</summary>
    public HttpRequestMessage Request { get; } = new(HttpMethod.Get, "http://fleet/");

    public static RunResult Run(Scenario scenario, SimulatedPolicy policy, int seed)
    {
        var world = new World(scenario, policy, seed);
        world.Time.At(0, world.Arrive);

        // After the last arrival until every request has its end.
        world.Time.RunUntil(scenario.DurationMs + scenario.DeadlineMs + (2 * scenario.OneWayMs));
        return new RunResult(scenario, policy.Name, seed, world.Trace.Hash, world.Fleet.Capacity, world.InFlight(), world.Trace.Calls);
    }

    private void Arrive()
    {
        var client = _clients[_choice.Below(_clients.Length)];
        var demand = _demand.Next();
        var next = Time.Now + _arrivals.Exponential(1 / (Fleet.Capacity * _scenario.LoadAt(Time.Now)));
        if (next < _scenario.DurationMs)
        {
            Time.At(next, Arrive);
        }

        new SimulatedCall(this, client, demand).Start();
    }

    private int InFlight() => _clients.Sum(c => c.Service.Endpoints.Current.All.Sum(e => e.Load.InFlight));

    private void Publish(IReadOnlyList<EndpointDescription> endpoints)
    {
        foreach (var client in _clients)
        {
            client.Service.Endpoints.Publish("registry", MeshSourceRank.Registry, endpoints);
        }
    }
}
