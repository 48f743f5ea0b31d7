using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>Why a service has no endpoint, where several sources know it.</summary>
public sealed class AbsenceTests : IDisposable
{
    private readonly TestSource _one = new("one");
    private readonly TestSource _two = new("two");
    private readonly MeshFixture _mesh;

    public AbsenceTests()
    {
        _mesh = new MeshFixture(services: services => services.AddSingleton<IMeshSource>(_one).AddSingleton<IMeshSource>(_two));
        _mesh.Directory.Start();
    }

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task Only_the_source_that_has_said_it_takes_it_back()
    {
        var (one, two) = (await _one.Sink, await _two.Sink);
        one.Publish(new ServiceUpdate("orders") { Endpoints = [], Absence = "it sleeps", IsListed = true });

        two.Publish("orders", []);
        two.Withdraw("orders");
        Assert.Equal(("it sleeps", true), (_mesh.Service("orders").Standing.Absence, _mesh.Service("orders").Standing.IsListedWithoutUse));

        one.Publish("orders", []);
        Assert.Equal((null, false), (_mesh.Service("orders").Standing.Absence, _mesh.Service("orders").Standing.IsListedWithoutUse));
    }

    [Fact]
    public async Task Withdrawal_takes_it_back()
    {
        var (one, two) = (await _one.Sink, await _two.Sink);
        two.Publish("orders", []);
        one.Publish(new ServiceUpdate("orders") { Endpoints = [], Absence = "it sleeps" });

        one.Withdraw("orders");

        Assert.Null(_mesh.Service("orders").Standing.Absence);
    }

    [Fact]
    public async Task It_is_cut_and_has_no_line_breaks()
    {
        var sink = await _one.Sink;

        sink.Publish(new ServiceUpdate("orders") { Endpoints = [], Absence = "a\nb" + new string('x', 1000) });

        var absence = _mesh.Service("orders").Standing.Absence!;
        Assert.StartsWith("a?bx", absence, StringComparison.Ordinal);
        Assert.Equal(501, absence.Length);
    }

    /// <summary>A source may mean never.</summary>
    [Fact]
    public async Task Longest_pause_is_no_mistake()
    {
        var sink = await _one.Sink;
        sink.BeginRead();

        sink.EndRead(TimeSpan.MaxValue);
    }
}
