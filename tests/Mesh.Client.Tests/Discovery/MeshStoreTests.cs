using Mesh.Client.Discovery;
using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Discovery;

/// <summary>Who is told of what is said, and when.</summary>
public sealed class MeshStoreTests : IDisposable
{
    private static readonly ServiceOptions Patient = new() { Timeout = TimeSpan.FromSeconds(3) };

    private readonly TestSource _source = new(rank: MeshSourceRank.ControlPlane);
    private readonly MeshFixture _mesh;
    private readonly MeshStore _store;

    public MeshStoreTests()
    {
        _mesh = new MeshFixture(services: services => services.AddSingleton<IMeshSource>(_source));
        _mesh.Directory.Start();
        _store = _mesh.Provider.GetRequiredService<MeshStore>();
    }

    public void Dispose() => _mesh.Dispose();

    /// <summary>As nearly all updates of a registry are.</summary>
    [Fact]
    public async Task Update_without_settings_tells_nobody()
    {
        var sink = await _source.Sink;
        var told = new List<string>();
        _store.OnServiceChange(told.Add);
        var model = _store.Model.Current;

        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);
        sink.Publish(new DefaultsUpdate(new ServiceOptions()));
        Assert.Empty(told);
        Assert.Same(model, _store.Model.Current);

        sink.Publish(new ServiceUpdate("orders") { Settings = Patient });
        sink.Withdraw("orders");
        sink.Withdraw("orders");
        Assert.Equal(["orders", "orders"], told);
    }

    /// <summary>A source that reads a list every few seconds says nearly always what it has said before.</summary>
    [Fact]
    public async Task Same_settings_said_again_tell_nobody()
    {
        static ServiceOptions Settings(params string[] statuses) => new()
        {
            Timeout = TimeSpan.FromSeconds(3),
            OutlierDetection = { Statuses = statuses },
        };

        var sink = await _source.Sink;
        sink.Publish(new DefaultsUpdate(Settings("503")));
        sink.Publish(new ServiceUpdate("orders") { Settings = Settings("503") });
        var told = new List<string>();
        _store.OnServiceChange(told.Add);
        var (model, orders) = (_store.Model.Current, _store.Of("orders"));

        sink.Publish(new DefaultsUpdate(Settings("503")));
        sink.Publish(new ServiceUpdate("orders") { Settings = Settings("503") });
        Assert.Empty(told);
        Assert.Same(model, _store.Model.Current);
        Assert.Same(orders, _store.Of("orders"));

        sink.Publish(new ServiceUpdate("orders") { Settings = Settings("503", "504") });
        sink.Publish(new ServiceUpdate("orders") { Settings = Settings() });
        Assert.Equal(["orders", "orders"], told);
        sink.Publish(new DefaultsUpdate(Settings("504")));
        Assert.NotSame(model, _store.Model.Current);
    }

    [Fact]
    public async Task Message_names_the_place_where_a_change_counts()
    {
        string Where() => _store.Of("orders").WhereToSet("orders", "Timeout");

        Assert.Equal("Mesh:Services:orders:Timeout", Where());
        var sink = await _source.Sink;
        sink.Publish(new ServiceUpdate("orders") { Settings = Patient });
        Assert.Equal("Timeout at 'test', which decides it (or Mesh:Override:Services:orders:Timeout)", Where());
        Assert.Equal("Mesh:Services:orders:ConnectTimeout", _store.Of("orders").WhereToSet("orders", "ConnectTimeout"));

        var overrides = _mesh.Provider.GetRequiredService<IMeshOverrides>();
        overrides.Apply(new MeshOverride("orders", Patient, _mesh.Time.GetUtcNow() + TimeSpan.FromHours(1), "test"));
        Assert.Equal("Timeout in the change at run time that decides it (IMeshOverrides)", Where());

        Configure(new MeshOptions { Override = { Services = { ["orders"] = Patient } } });
        Assert.Equal("Mesh:Override:Services:orders:Timeout", Where());
    }

    [Fact]
    public async Task Message_names_who_has_said_a_setting()
    {
        string Who() => _store.Of("orders").WhoSays("orders", "RequireTls");
        var sink = await _source.Sink;

        sink.Publish(new DefaultsUpdate(new ServiceOptions { RequireTls = true }));
        Assert.Equal("RequireTls at 'test'", Who());
        sink.Publish(new DefaultsUpdate(null));
        Configure(new MeshOptions { Defaults = { RequireTls = true } });
        Assert.Equal("Mesh:Defaults:RequireTls", Who());
        Configure(new MeshOptions { Override = { Defaults = new() { RequireTls = true } } });
        Assert.Equal("Mesh:Override:Defaults:RequireTls", Who());
        sink.Publish(new ServiceUpdate("orders") { Settings = new() { RequireTls = true } });
        Assert.Equal("RequireTls at 'test'", Who());
        Configure(new MeshOptions { Services = { ["orders"] = new() { RequireTls = true } } });
        sink.Withdraw("orders");
        Assert.Equal("Mesh:Services:orders:RequireTls", Who());
    }

    /// <summary>The model is read and applied in one go, whoever applies it.</summary>
    [Fact]
    public async Task Change_while_a_service_is_named_for_the_first_time_is_not_lost()
    {
        var (control, registry) = (new TestSource("control", MeshSourceRank.ControlPlane), new TestSource("registry"));
        using var mesh = new MeshFixture(
            services: services => services.AddSingleton<IMeshSource>(control).AddSingleton<IMeshSource>(registry));
        mesh.Directory.Start();
        var (sink, names) = (await control.Sink, await registry.Sink);
        for (var i = 0; i < 2_000; i++)
        {
            var name = "s" + i;
            await Task.WhenAll(
                Task.Run(() => names.Publish(name, [TestSource.Endpoint("http://10.1.0.1")]), TestContext.Current.CancellationToken),
                Task.Run(() => sink.Publish(new ServiceUpdate(name) { Settings = Patient }), TestContext.Current.CancellationToken));
            Assert.Equal(TimeSpan.FromSeconds(3), mesh.Service(name).Model.Routes[0].Policy.Timeout);
        }
    }

    /// <summary>New endpoints are used by the rules that came with them.</summary>
    [Fact]
    public async Task Settings_of_an_update_are_in_force_before_its_endpoints()
    {
        var sink = await _source.Sink;
        sink.Publish("orders", []);
        var known = new List<int>();
        _store.OnServiceChange(name => known.Add(_mesh.Service(name).Endpoints.Current.All.Length));

        sink.Publish(new ServiceUpdate("orders") { Settings = Patient, Endpoints = [TestSource.Endpoint("http://10.1.0.1")] });

        Assert.Equal([0], known);
        Assert.Single(_mesh.Service("orders").Endpoints.Current.All);
    }

    /// <summary>Only sources have unique names: one may be called as the changes at run time are.</summary>
    [Fact]
    public void Say_of_another_rank_is_of_another_source()
    {
        Say(MeshSourceRank.ControlPlane, Patient);
        Say(MeshSourceRank.RunTime, new ServiceOptions { Timeout = TimeSpan.FromSeconds(1) });
        Assert.Equal(TimeSpan.FromSeconds(1), _store.Of("orders").Routes[0].Policy.Timeout);

        Say(MeshSourceRank.RunTime, null);

        Assert.Equal(TimeSpan.FromSeconds(3), _store.Of("orders").Routes[0].Policy.Timeout);
    }

    [Fact]
    public async Task Settings_of_sources_rest_while_the_mesh_is_off()
    {
        var sink = await _source.Sink;
        sink.Publish(new ServiceUpdate("orders") { Settings = Patient });

        Configure(new MeshOptions { Enabled = false });
        Assert.Same(_store.Model.Current.Defaults, _store.Of("orders"));

        Configure(new MeshOptions());
        Assert.Equal(TimeSpan.FromSeconds(3), _store.Of("orders").Routes[0].Policy.Timeout);
    }

    [Fact]
    public async Task Part_that_does_not_follow_is_logged_and_holds_up_nothing()
    {
        var sink = await _source.Sink;
        _store.OnServiceChange(static _ => throw new InvalidOperationException("deaf"));

        Assert.True(sink.Publish(new ServiceUpdate("orders")
        {
            Settings = Patient,
            Endpoints = [TestSource.Endpoint("http://10.1.0.1")],
        }).IsAccepted);

        var error = Assert.Single(_mesh.Logs.GetSnapshot(), static record => record.Id.Id == 122);
        Assert.Equal("deaf", error.Exception!.Message);
        Assert.Single(_mesh.Service("orders").Endpoints.Current.All);
    }

    [Fact]
    public async Task Reader_that_sees_the_next_model_finds_services_made_with_it()
    {
        var sink = await _source.Sink;
        sink.Publish(new ServiceUpdate("orders") { Settings = Patient });
        var reloads = Task.Run(
            () =>
            {
                for (var i = 0; i < 3000; i++)
                {
                    Configure(new MeshOptions());
                }
            },
            TestContext.Current.CancellationToken);
        while (!reloads.IsCompleted)
        {
            var generation = _store.Model.Current.Generation;
            Assert.InRange(_store.Of("orders").Mesh.Generation, generation, int.MaxValue);
        }

        await reloads;
    }

    private void Say(MeshSourceRank rank, ServiceOptions? settings) => _store.Say(
        RunTimeOverrides.Name, rank, "orders", settings, static (exception, _) => Assert.Fail(exception.ToString()));

    private void Configure(MeshOptions options) =>
        _store.Configure(options, static _ => { }, static (exception, _) => Assert.Fail(exception.ToString()));
}
