using Mesh.Client.Inbound;
using Mesh.Client.Primitives;
using Mesh.Client.Simulation.Model;

namespace Mesh.Client.Simulation.Tests;

public sealed class ServerTests
{
    private readonly SimulatedTime _time = new();
    private readonly List<(string Name, double At)> _ended = [];

    [Fact]
    public void Accept_as_many_as_workers_run_at_full_speed()
    {
        var server = new Server(_time, Load(), workers: 2, speed: 2, fifo: false);
        Send(server, "a", 10);
        Send(server, "b", 20);
        Assert.Equal([("a", 5), ("b", 10)], Run());
    }

    [Fact]
    public void Accept_more_than_workers_share_the_processors()
    {
        // Three on two processors: each at two thirds, until the first is done.
        var server = new Server(_time, Load(), workers: 2, speed: 1, fifo: false);
        Send(server, "a", 10);
        Send(server, "b", 20);
        Send(server, "c", 30);
        Assert.Equal([("a", 15), ("b", 25), ("c", 35)], Run());
    }

    [Fact]
    public void Accept_more_than_workers_wait_in_a_queue()
    {
        var server = new Server(_time, Load(), workers: 1, speed: 1, fifo: true);
        Send(server, "a", 10);
        Send(server, "b", 5);
        Assert.Equal(2, server.InSystem);
        Assert.Equal([("a", 10), ("b", 15)], Run());
        Assert.Equal(0, server.InSystem);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cancel_frees_what_the_request_held(bool fifo)
    {
        var server = new Server(_time, Load(), workers: 1, speed: 1, fifo: fifo);
        var first = Send(server, "a", 10);
        Send(server, "b", 10);
        _time.At(4, () => server.Cancel(first));
        Assert.Equal([("b", fifo ? 14 : 12)], Run());
        server.Cancel(first);
        Assert.Equal(0, server.InSystem);
    }

    [Fact]
    public void SetPaused_stops_the_work()
    {
        var server = new Server(_time, Load(), workers: 1, speed: 1, fifo: false);
        Send(server, "a", 10);
        _time.At(5, () => server.SetPaused(true));
        _time.At(25, () => server.SetPaused(false));
        Assert.Equal([("a", 30)], Run());
    }

    [Fact]
    public void SetFactor_changes_the_speed_of_what_runs()
    {
        var server = new Server(_time, Load(), workers: 1, speed: 1, fifo: false);
        Send(server, "a", 10);
        _time.At(5, () => server.SetFactor(0.1));
        Assert.Equal([("a", 55)], Run());
    }

    private ServerLoad Load() => new(new MeshClock(_time));

    private Job Send(Server server, string name, double demand)
    {
        var job = new Job(demand, () => _ended.Add((name, Math.Round(_time.Now, 6))));
        server.Accept(job);
        return job;
    }

    private List<(string Name, double At)> Run()
    {
        _time.RunUntil(1_000);
        return _ended;
    }
}
