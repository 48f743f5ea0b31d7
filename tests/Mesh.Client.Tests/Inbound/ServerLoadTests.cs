using Mesh.Client.Inbound;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Inbound;

public sealed class ServerLoadTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServerLoad _load;

    public ServerLoadTests() => _load = new ServerLoad(new MeshClock(_time));

    [Fact]
    public void HeaderValue_is_nothing_before_the_first_answer()
    {
        var start = _load.Begin();
        Assert.Null(_load.HeaderValue);

        _load.End(start, counts: false);
        Assert.Null(_load.HeaderValue);
    }

    [Fact]
    public void HeaderValue_says_how_many_are_in_flight_and_how_long_one_takes()
    {
        Serve(8.24);
        Assert.Equal("rif=0,st=8.2", _load.HeaderValue);

        _load.Begin();
        _load.Begin();
        Assert.Equal("rif=2,st=8.2", _load.HeaderValue);
    }

    [Fact]
    public void HeaderValue_follows_the_answers()
    {
        Serve(10);
        Serve(20);
        Assert.Equal("rif=0,st=11", _load.HeaderValue);

        for (var i = 0; i < 100; i++)
        {
            Serve(20);
        }

        Assert.Equal("rif=0,st=20", _load.HeaderValue);
    }

    [Fact]
    public void HeaderValue_is_never_without_a_time()
    {
        Serve(0);
        Assert.Equal("rif=0,st=0.1", _load.HeaderValue);
    }

    [Fact]
    public void HeaderValue_that_was_written_before_costs_nothing()
    {
        Serve(8);
        Assert.Same(_load.HeaderValue, _load.HeaderValue);
    }

    private void Serve(double milliseconds)
    {
        var start = _load.Begin();
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        _load.End(start, counts: true);
    }
}
