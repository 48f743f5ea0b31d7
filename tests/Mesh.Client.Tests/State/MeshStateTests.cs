using System.Text.RegularExpressions;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.State;

/// <summary>What can be read of the mesh: endpoints with verdict and reason, settings with their source, what is refused.</summary>
public sealed class MeshStateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoints_have_a_verdict_and_its_reason()
    {
        var (mesh, sink) = await SourcedAsync(4);
        using var _ = mesh;
        (await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token))).Dispose();
        mesh.Eject(1);
        mesh.Endpoint(1).Health.LastFailure = "Connection refused";
        mesh.Catalog().Draining.Begin(mesh.Endpoint(2));
        mesh.Time.Advance(TimeSpan.FromMilliseconds(100));

        var service = State(mesh).Find("CATALOG")!;
        Assert.Equal(
            [
                (EndpointVerdict.Ejected, false),
                (EndpointVerdict.Draining, false),
                (EndpointVerdict.Healthy, true),
                (EndpointVerdict.Healthy, true),
            ],
            service.Endpoints.Select(static endpoint => (endpoint.Verdict, endpoint.IsUsed)));
        Assert.Equal(
            ["Ejected for * s more. Its last failure: Connection refused.", "It said 0 s ago that it leaves.", null, null],
            service.Endpoints.Select(static endpoint => endpoint.Reason is { } reason ? Regex.Replace(reason, "0\\.\\d", "*") : null));
        Assert.True(service.IsCalled);
        Assert.Equal(["test"], service.NamedBy);
        Assert.True(Assert.Single(service.Subsets).IsCircuitClosed);
        Assert.Equal("default", Assert.Single(service.Routes).Name);

        sink.Publish(new ServiceUpdate(Fleet.Name) { Endpoints = [], Absence = "none of them is UP" });
        var empty = State(mesh).Find(Fleet.Name)!;
        Assert.Equal((0, "none of them is UP"), (empty.Endpoints.Count, empty.Absence));
    }

    [Fact]
    public async Task Endpoint_of_a_large_service_that_is_not_used_is_on_standby()
    {
        var (mesh, _) = await SourcedAsync(10, static options => options.LoadBalancing.SubsetSize = 3);
        using var __ = mesh;

        var service = State(mesh).Find(Fleet.Name)!;

        Assert.Equal(
            7,
            service.Endpoints.Count(static endpoint =>
                endpoint is { Verdict: EndpointVerdict.Standby, IsUsed: false, Reason: not null }));
    }

    [Fact]
    public async Task Settings_have_the_value_in_force_and_who_has_said_it()
    {
        var control = new TestSource("control", MeshSourceRank.ControlPlane);
        using var mesh = new MeshFixture(
            static options =>
            {
                options.Defaults.Timeout = TimeSpan.FromSeconds(3);
                options.Services["orders"] = new ServiceOptions { Retry = { MaxRetries = 1 }, SendContext = true };
                options.Override.Services["orders"] = new ServiceOptions { ConnectTimeout = TimeSpan.FromSeconds(2) };
            },
            services => services.AddSingleton<IMeshSource>(control));
        mesh.Directory.Start();
        var sink = await control.Sink;
        sink.Publish(new ServiceUpdate("orders")
        {
            Settings = new ServiceOptions
            {
                Retry = { MaxRetries = 0 },
                ConnectTimeout = TimeSpan.FromSeconds(9),
                SendContext = false,
            },
        });
        sink.Publish(new DefaultsUpdate(new ServiceOptions { LoadBalancing = { Policy = "Random" } }));
        mesh.Provider.GetRequiredService<IMeshOverrides>().Apply(new MeshOverride(
            "orders", new ServiceOptions { BodyIdleTimeout = Timeout.InfiniteTimeSpan }, mesh.Time.GetUtcNow().AddMinutes(1), "test"));

        Said("Timeout", "00:00:03", "configuration", MeshSourceRank.Configuration, false);
        Said("Retry:MaxRetries", "0", "control", MeshSourceRank.ControlPlane, true);
        Said("ConnectTimeout", "00:00:02", "configuration", MeshSourceRank.Override, true);
        Said("LoadBalancing:Policy", "Random", "control", MeshSourceRank.ControlPlane, false);
        Said("BodyIdleTimeout", "none", "run time", MeshSourceRank.RunTime, true);
        Said("SendContext", "false", "control", MeshSourceRank.ControlPlane, true);
        Said("CircuitBreaker:Enabled", "true", "built-in", MeshSourceRank.BuiltIn, false);
        Said("OutlierDetection:Statuses", "500, 502-504, 506-599", "built-in", MeshSourceRank.BuiltIn, false);
        Said("AttemptTimeout", "none", "built-in", MeshSourceRank.BuiltIn, false);

        void Said(string key, string value, string source, MeshSourceRank rank, bool ofService)
        {
            var setting = Assert.Single(State(mesh).Find("orders")!.Settings, setting => setting.Key == key);
            Assert.Equal((value, source, rank, ofService), (setting.Value, setting.Source, setting.Rank, setting.IsOfService));
        }
    }

    /// <summary>Each setting has a built-in value, or none, and what is shown is what the model has.</summary>
    [Fact]
    public void Every_setting_is_shown()
    {
        using var mesh = new MeshFixture(static options => options.Services["orders"] = new ServiceOptions());

        Assert.Equal(
            ServiceSetting.All.Select(static setting => setting.Key).Where(static key => key is not ("Endpoints" or "Routes")),
            State(mesh).Find("orders")!.Settings.Select(static setting => setting.Key));
    }

    [Fact]
    public async Task What_is_refused_is_shown_until_something_better_comes()
    {
        var source = new TestSource();
        using var application = new TestApplication("""{ "Mesh": { "Defaults": { "Timeout": "00:00:01" } } }""");
        application.Services.AddSingleton<IMeshSource>(source).AddMesh();
        var provider = application.Build();
        var state = provider.GetRequiredService<IMeshState>();
        provider.GetRequiredService<Mesh.Client.Outbound.Services.ServiceDirectory>().Start();
        var sink = await source.Sink;
        Assert.Empty(state.Refusals);

        sink.Publish(new ServiceUpdate("orders") { Settings = new ServiceOptions { Timeout = TimeSpan.FromDays(9) } });
        application.Edit("""{ "Mesh": { "Defaults": { "Timeout": "soon" } } }""");
        Assert.Equal(
            [("configuration", null), ("test", "orders")], state.Refusals.Select(static refusal => (refusal.Source, refusal.Service)));
        Assert.All(state.Refusals, static refusal => Assert.Contains("Timeout", Assert.Single(refusal.Reasons), StringComparison.Ordinal));
        Assert.Equal(1, state.Generation);

        sink.Publish(new ServiceUpdate("orders") { Settings = new ServiceOptions { Timeout = TimeSpan.FromSeconds(9) } });
        application.Edit("""{ "Mesh": { "Defaults": { "Timeout": "00:00:02" } } }""");
        Assert.Empty(state.Refusals);
        Assert.Equal(2, state.Generation);
    }

    [Fact]
    public void What_is_no_service_is_not_found()
    {
        using var mesh = Fleet.Of(1);

        Assert.Null(State(mesh).Find("nobody"));
        Assert.Equal([Fleet.Name], State(mesh).Services.Select(static service => service.Name));
        Assert.Equal(["configuration"], State(mesh).Services[0].NamedBy);
        Assert.ThrowsAny<ArgumentException>(() => State(mesh).Find(" "));
    }

    private static IMeshState State(MeshFixture mesh) => mesh.Provider.GetRequiredService<IMeshState>();

    private static async Task<(MeshFixture Mesh, IMeshSink Sink)> SourcedAsync(int endpoints, Action<ServiceOptions>? configure = null)
    {
        var source = new TestSource();
        var mesh = new MeshFixture(
            options => configure?.Invoke(options.Defaults), services => services.AddSingleton<IMeshSource>(source));
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish(Fleet.Name, [.. Enumerable.Range(1, endpoints).Select(static i => TestSource.Endpoint("http://" + Fleet.At(i)))]);
        sink.Ready();
        return (mesh, sink);
    }
}
