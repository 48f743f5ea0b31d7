using System.Diagnostics.Metrics;
using Mesh.Client.Discovery;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Services;
using Mesh.Client.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Discovery;

/// <summary>What a source says is taken as a whole or not at all, and what is refused is said by the answer, the log, a metric and the
/// health check.</summary>
public sealed class SourceJudgeTests
{
    private static readonly ServiceOptions Wrong = new() { Timeout = TimeSpan.FromDays(2), Retry = { MaxRetries = 99 } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Update_with_mistakes_changes_nothing_and_names_all_of_them()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        Assert.True(sink.Publish(Good(timeout: 3)).IsAccepted);
        var before = mesh.Service("orders").Routes[0];

        var answer = sink.Publish(new ServiceUpdate("orders") { Settings = Wrong, Endpoints = [TestSource.Endpoint("http://10.1.0.2")] });

        Assert.False(answer.IsAccepted);
        Assert.Equal(
            [
                "orders:Timeout: 2.00:00:00 is out of range, 00:00:00.0010000 to 1.00:00:00, or -00:00:00.001 for none.",
                "orders:Retry:MaxRetries: 99 is out of range, 0 to 10.",
            ],
            answer.Reasons);
        Assert.Same(before, mesh.Service("orders").Routes[0]);
        Assert.Equal(["10.1.0.1:80"], mesh.Service("orders").Endpoints.Current.All.Select(static endpoint => endpoint.Name));
    }

    /// <summary>What cannot be used is refused before it can stand in the way of later changes.</summary>
    [Fact]
    public async Task Endpoint_that_cannot_be_used_is_refused_with_its_reason()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        var good = TestSource.Endpoint("http://10.1.0.1");
        foreach (var (endpoint, reason) in new[]
        {
            (good with { Labels = null! }, "Endpoints:1: its labels are null."),
            (good with { Labels = new Dictionary<string, string> { ["priority"] = null! } }, "Endpoints:1: its label 'priority' is null."),
            (good with { TlsName = "a b" }, "Endpoints:1: 'a b' is no name that a certificate can have."),
        })
        {
            Assert.Equal([reason], sink.Publish("orders", [good, endpoint]).Reasons);
        }

        Assert.Equal(
            ["Settings:Retry is null."], sink.Publish(new ServiceUpdate("orders") { Settings = new() { Retry = null! } }).Reasons);
        Assert.Equal(["The service has no name."], sink.Publish(new ServiceUpdate(" ") { Endpoints = [good] }).Reasons);
    }

    [Fact]
    public async Task Reasons_are_bounded()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;

        var reasons = sink.Publish("orders", [.. Enumerable.Repeat<EndpointDescription>(null!, 10_000)]).Reasons;

        Assert.Equal(21, reasons.Count);
        Assert.Equal("And 9980 more.", reasons[^1]);
    }

    [Fact]
    public async Task Names_left_out_by_one_source_stay_so_whatever_another_one_leaves_out()
    {
        var other = new TestSource("other");
        var (mesh, sink) = await StartAsync(source: other);
        using var _ = mesh;
        var second = await other.Sink;
        second.Ready();
        sink.Ready();
        sink.LeaveOut(new HashSet<string> { "Hidden" });
        second.LeaveOut(new HashSet<string> { "elsewhere" });

        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Advance(mesh.Client.GetAsync("http://hidden/", Token)));
        sink.LeaveOut(new HashSet<string>());
        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Advance(mesh.Client.GetAsync("http://elsewhere/", Token)));
    }

    [Fact]
    public async Task Bad_update_of_one_service_leaves_the_others_alone()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        sink.Publish(Good(timeout: 3));
        sink.Publish("payments", [TestSource.Endpoint("http://10.1.0.9")]);
        var payments = mesh.Service("payments").Routes[0];

        Assert.False(sink.Publish(new ServiceUpdate("orders") { Settings = Wrong }).IsAccepted);

        Assert.Same(payments, mesh.Service("payments").Routes[0]);
        Assert.True(sink.Publish(new ServiceUpdate("payments") { Settings = new() { Timeout = TimeSpan.FromSeconds(4) } }).IsAccepted);
        Assert.Equal(TimeSpan.FromSeconds(4), mesh.Service("payments").Model.Routes[0].Policy.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(3), mesh.Service("orders").Model.Routes[0].Policy.Timeout);
    }

    [Fact]
    public async Task Refusal_is_logged_once_and_again_when_it_changes_and_when_it_ends()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        using var refused = new MetricCollector<int>(
            mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.source.refused", mesh.Time);
        for (var i = 0; i < 3; i++)
        {
            sink.Publish(new ServiceUpdate("orders") { Settings = Wrong });
        }

        var error = Assert.Single(mesh.Logs.GetSnapshot(), static record => record.Id.Id == 120);
        Assert.Equal(LogLevel.Error, error.Level);
        Assert.StartsWith(
            "What source 'test' says about service 'orders' is refused; what it said before stays in force. orders:Timeout:", error.Message,
            StringComparison.Ordinal);

        sink.Publish(new ServiceUpdate("orders") { Settings = new() { Retry = { MaxRetries = -1 } } });
        Assert.Equal(2, mesh.Logs.GetSnapshot().Count(static record => record.Id.Id == 120));
        Assert.Equal(1, refused.GetMeasurementSnapshot().EvaluateAsCounter());

        sink.Publish(Good(timeout: 3));
        Assert.Single(mesh.Logs.GetSnapshot(), static record => record.Id.Id == 121);
        Assert.Equal(0, refused.GetMeasurementSnapshot().EvaluateAsCounter());
    }

    [Fact]
    public async Task Updates_are_counted_by_source_and_result()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        using var updates = new MetricCollector<long>(
            mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.source.updates", mesh.Time);

        sink.Publish(new ServiceUpdate("orders") { Settings = Wrong });
        sink.Publish(Good(timeout: 3));

        Assert.Equal(
            [("test", "rejected"), ("test", "accepted")],
            updates.GetMeasurementSnapshot().Select(
                static update => ((string)update.Tags["mesh.source"]!, (string)update.Tags["result"]!)));
    }

    [Fact]
    public async Task Refusal_is_the_last_one_until_its_subject_is_withdrawn_in_any_case_of_its_name()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        var judge = mesh.Provider.GetRequiredService<SourceJudge>();
        sink.Publish(new ServiceUpdate("orders") { Settings = Wrong });
        sink.Publish(new ServiceUpdate("Orders") { Settings = new() { Retry = { MaxRetries = -1 } } });
        Assert.Equal(["Orders:Retry:MaxRetries: -1 is out of range, 0 to 10."], Assert.Single(judge.Refusals).Reasons);

        sink.Withdraw("ORDERS");

        Assert.Empty(judge.Refusals);
    }

    [Fact]
    public async Task Health_check_names_what_is_refused_and_is_as_healthy_as_before()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        sink.Publish(new DefaultsUpdate(Wrong));

        var check = new ServicesHealthCheck(
            mesh.Directory, mesh.Provider.GetRequiredService<MeshStore>().Model, mesh.Provider.GetRequiredService<SourceJudge>());
        var result = await check.CheckHealthAsync(
            new HealthCheckContext { Registration = new("mesh", check, HealthStatus.Degraded, null) }, Token);

        Assert.Equal(HealthStatus.Healthy, result.Status);
        Assert.StartsWith("refused: Defaults:Timeout:", Assert.IsType<string>(result.Data["source 'test', all services"]),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "Endpoints:1: is null.")]
    [InlineData("/relative", "Endpoints:1: '/relative' is not an absolute address.")]
    [InlineData("ftp://10.1.0.2", "Endpoints:1: 'ftp://10.1.0.2' is neither an http nor an https address.")]
    public async Task Endpoints_that_are_none_are_mistakes(string? address, string reason)
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        var endpoint = address is null ? null : new EndpointDescription { Address = new Uri(address, UriKind.RelativeOrAbsolute) };

        var answer = sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1"), endpoint!]);

        Assert.Equal([reason], answer.Reasons);
    }

    [Fact]
    public async Task Settings_with_endpoints_are_a_mistake()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;

        var answer = sink.Publish(new ServiceUpdate("orders") { Settings = new() { Endpoints = ["http://10.1.0.1"] } });

        Assert.Equal(["orders:Endpoints: a source names endpoints in the Endpoints of its update, not in its Settings."], answer.Reasons);
    }

    /// <summary>What it leaves out may be said elsewhere: only what it says itself must fit together.</summary>
    [Fact]
    public async Task Settings_are_judged_alone()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;

        Assert.True(sink.Publish(new ServiceUpdate("orders") { Settings = new() { AttemptTimeout = TimeSpan.FromMinutes(1) } }).IsAccepted);
        Assert.False(sink.Publish(new ServiceUpdate("orders")
        {
            Settings = new() { AttemptTimeout = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromSeconds(1) },
        }).IsAccepted);
    }

    [Fact]
    public async Task Settings_that_the_source_changes_afterwards_stay_as_they_were()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        var settings = new ServiceOptions { Timeout = TimeSpan.FromSeconds(3) };
        sink.Publish(new ServiceUpdate("orders") { Settings = settings, Endpoints = [] });

        settings.Timeout = TimeSpan.FromSeconds(4);
        mesh.Provider.GetRequiredService<MeshStore>().Configure(new MeshOptions(), static _ => { }, static (_, _) => { });

        Assert.Equal(TimeSpan.FromSeconds(3), mesh.Service("orders").Model.Routes[0].Policy.Timeout);
    }

    [Fact]
    public async Task Settings_of_a_service_that_nobody_has_named_wait_for_it()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        sink.Publish(new ServiceUpdate("Orders") { Settings = new() { Timeout = TimeSpan.FromSeconds(3) } });
        Assert.Equal(HostLookup.Unlisted, mesh.Directory.Find(new Uri("http://orders"), out Service? _));

        sink.Publish(new ServiceUpdate("orders") { Settings = new() { Timeout = TimeSpan.FromSeconds(3) }, Endpoints = [] });

        Assert.Equal(TimeSpan.FromSeconds(3), mesh.Service("orders").Model.Routes[0].Policy.Timeout);
    }

    [Fact]
    public async Task Withdrawn_settings_give_way_to_those_below()
    {
        var (mesh, sink) = await StartAsync(options => options.Services["orders"] = new() { Timeout = TimeSpan.FromSeconds(5) });
        using var _ = mesh;
        sink.Publish(Good(timeout: 3));
        Assert.Equal(TimeSpan.FromSeconds(3), mesh.Service("orders").Model.Routes[0].Policy.Timeout);

        Assert.False(sink.Withdraw("orders"));

        Assert.Equal(TimeSpan.FromSeconds(5), mesh.Service("orders").Model.Routes[0].Policy.Timeout);
        Assert.Empty(mesh.Service("orders").Endpoints.Current.All);
    }

    [Fact]
    public async Task Endpoints_of_a_control_plane_replace_those_of_the_configuration_until_they_are_withdrawn()
    {
        var (mesh, sink) = await StartAsync(options => options.Services["orders"] = new() { Endpoints = ["http://10.2.0.1"] });
        using var _ = mesh;

        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);
        Assert.Equal(["10.1.0.1:80"], mesh.Service("orders").Endpoints.Current.All.Select(static endpoint => endpoint.Name));

        sink.Withdraw("orders");
        Assert.Equal(["10.2.0.1:80"], mesh.Service("orders").Endpoints.Current.All.Select(static endpoint => endpoint.Name));
    }

    [Fact]
    public async Task Endpoints_of_an_override_are_those_of_the_operator()
    {
        var (mesh, sink) = await StartAsync(options => options.Override.Services["orders"] = new() { Endpoints = ["http://10.2.0.1"] });
        using var _ = mesh;
        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);
        Assert.Equal(["10.2.0.1:80"], mesh.Service("orders").Endpoints.Current.All.Select(static endpoint => endpoint.Name));
    }

    [Fact]
    public async Task Two_control_planes_are_united_and_of_settings_the_first_by_name_counts()
    {
        var other = new TestSource("another", MeshSourceRank.ControlPlane);
        var (mesh, sink) = await StartAsync(source: other);
        using var _ = mesh;
        sink.Publish(Good(timeout: 3));
        (await other.Sink).Publish(new ServiceUpdate("orders")
        {
            Settings = new() { Timeout = TimeSpan.FromSeconds(4) },
            Endpoints = [TestSource.Endpoint("http://10.1.0.2")],
        });

        Assert.Equal(TimeSpan.FromSeconds(4), mesh.Service("orders").Model.Routes[0].Policy.Timeout);
        Assert.Equal(
            ["10.1.0.1:80", "10.1.0.2:80"], mesh.Service("orders").Endpoints.Current.All.Select(static endpoint => endpoint.Name).Order());
    }

    [Theory]
    [InlineData("eureka", MeshSourceRank.Registry, "Two sources of the mesh have the name 'EUREKA'")]
    [InlineData(" ", MeshSourceRank.Registry, "has no name")]
    [InlineData("a\nb", MeshSourceRank.Registry, "The name 'a?b' of the IMeshSource TestSource is too long, or contains control characters")]
    [InlineData("Run Time", MeshSourceRank.ControlPlane, "must not be called 'Run Time'")]
    [InlineData("configuration", MeshSourceRank.Registry, "must not be called")]
    [InlineData("x", MeshSourceRank.Override, "has the rank Override")]
    [InlineData("x", MeshSourceRank.Configuration, "has the rank Configuration")]
    public void Source_that_cannot_be_told_apart_or_claims_too_much_is_an_error(string name, MeshSourceRank rank, string message)
    {
        var exception = Assert.Throws<InvalidOperationException>(
            () => SourceIdentity.Check([("EUREKA", MeshSourceRank.Registry, typeof(TestSource)), (name, rank, typeof(TestSource))]));
        Assert.Contains(message.Replace("EUREKA", name == "eureka" ? "eureka" : "EUREKA", StringComparison.Ordinal), exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_of_all_services_are_refused()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;

        var answer = sink.Publish(new DefaultsUpdate(new ServiceOptions { Routes = { ["a"] = new RouteOptions() } }));

        Assert.Equal(["Defaults:Routes: routes belong to one service."], answer.Reasons);
    }

    [Fact]
    public async Task Many_refusals_are_remembered_up_to_a_limit()
    {
        var (mesh, sink) = await StartAsync();
        using var _ = mesh;
        for (var i = 0; i < 1100; i++)
        {
            sink.Publish(new ServiceUpdate($"s{i}") { Settings = Wrong });
        }

        Assert.Equal(1000, mesh.Provider.GetRequiredService<SourceJudge>().Refusals.Count);
        Assert.Equal(1000, mesh.Logs.GetSnapshot().Count(static record => record.Id.Id == 120));
    }

    private static ServiceUpdate Good(int timeout) => new("orders")
    {
        Settings = new ServiceOptions { Timeout = TimeSpan.FromSeconds(timeout) },
        Endpoints = [TestSource.Endpoint("http://10.1.0.1")],
    };

    private static async Task<(MeshFixture Mesh, IMeshSink Sink)> StartAsync(
        Action<MeshOptions>? configure = null, IMeshSource? source = null)
    {
        var plane = new TestSource(rank: MeshSourceRank.ControlPlane);
        var mesh = new MeshFixture(configure, services =>
        {
            services.AddSingleton<IMeshSource>(plane);
            if (source is not null)
            {
                services.AddSingleton(source);
            }
        });
        mesh.Directory.Start();
        var sink = await plane.Sink;
        sink.Ready();
        if (source is TestSource other)
        {
            (await other.Sink).Ready();
        }

        await mesh.Directory.WhenReady;
        return (mesh, sink);
    }
}
