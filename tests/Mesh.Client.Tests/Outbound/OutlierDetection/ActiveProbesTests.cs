using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Outbound.OutlierDetection;

public sealed class ActiveProbesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Ejected_endpoint_comes_back_by_a_probe_and_no_call_is_a_trial()
    {
        using var mesh = Probed(3);
        mesh.Eject(1);
        mesh.Network.On(Fleet.At(1), HttpStatusCode.ServiceUnavailable);

        // Its time is over, but it still fails: ejected again, for longer.
        Pass(mesh, TimeSpan.FromSeconds(1));
        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.Equal(2, mesh.Endpoint(1).Health.Ejections);
        Assert.Equal(["/health"], mesh.Network.Received.Where(r => r.Endpoint == Fleet.At(1)).Select(r => r.Uri.AbsolutePath));

        mesh.Network.On(Fleet.At(1), HttpStatusCode.OK);
        Pass(mesh, TimeSpan.FromSeconds(2));
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
        Assert.All(mesh.Network.Received, r => Assert.Equal("/health", r.Uri.AbsolutePath));
    }

    [Fact]
    public async Task Ejected_endpoint_gets_no_call_while_probes_are_on()
    {
        using var mesh = Probed(3);
        var hanging = new TaskCompletionSource<HttpResponseMessage>();
        mesh.Eject(1);
        mesh.Network.On(Fleet.At(1), (_, _) => hanging.Task);
        Pass(mesh, TimeSpan.FromSeconds(0.9));
        for (var i = 0; i < 10; i++)
        {
            using var response = await mesh.Client.GetAsync(new Uri(Fleet.Url), Token);
        }

        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        hanging.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        await Task.Yield();
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public async Task Idle_endpoint_that_is_dead_is_ejected_before_a_call_meets_it()
    {
        using var mesh = Probed(3);
        mesh.Network.Refuse(Fleet.At(1));
        for (var i = 0; i < 3; i++)
        {
            Pass(mesh, TimeSpan.FromSeconds(10.5));
        }

        var health = mesh.Endpoint(1).Health;
        Assert.True(
            health.IsEjected,
            $"{string.Join(", ", mesh.Network.Received.Select(probe => probe.Endpoint))}; {health.ConsecutiveConnectFailures} failures");
        mesh.Network.Received.Clear();
        for (var i = 0; i < 6; i++)
        {
            using var response = await mesh.Client.GetAsync(new Uri(Fleet.Url), Token);
        }

        Assert.Equal(0, mesh.Network.CountOf(Fleet.At(1)));
    }

    [Fact]
    public async Task Endpoint_that_is_called_is_not_asked()
    {
        using var mesh = Probed(1);
        for (var i = 0; i < 60; i++)
        {
            using var response = await mesh.Client.GetAsync(new Uri(Fleet.Url), Token);
            Pass(mesh, TimeSpan.FromSeconds(1));
        }

        Assert.DoesNotContain(mesh.Network.Received, r => r.Uri.AbsolutePath == "/health");
        Pass(mesh, TimeSpan.FromSeconds(30));
        Assert.InRange(mesh.Network.Received.Count(r => r.Uri.AbsolutePath == "/health"), 2, 3);
    }

    [Fact]
    public async Task Endpoint_that_is_at_work_on_a_call_or_about_to_leave_is_not_asked()
    {
        using var mesh = Probed(1, s => s.Timeout = TimeSpan.FromMinutes(5));
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        mesh.Network.On(Fleet.At(1), (_, _) => answer.Task);
        var call = mesh.Client.GetAsync(new Uri(Fleet.Url), Token);
        Pass(mesh, TimeSpan.FromSeconds(60));
        Assert.Single(mesh.Network.Received);

        answer.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        (await call).Dispose();
        mesh.Catalog().Draining.Begin(mesh.Endpoint(1));
        Pass(mesh, TimeSpan.FromSeconds(60));
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Service_that_is_only_known_is_asked_when_it_has_been_called()
    {
        // A registry names hundreds of services: most of them this process never calls.
        var source = new TestSource();
        using var mesh = new MeshFixture(
            options => options.Defaults.OutlierDetection.Probe.Path = "/health",
            services => services.AddSingleton<IMeshSource>(source));
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish(Fleet.Name, [TestSource.Endpoint("http://10.0.0.1"), TestSource.Endpoint("http://10.0.0.2")]);
        sink.Ready();
        Pass(mesh, TimeSpan.FromSeconds(60));
        Assert.Empty(mesh.Network.Received);

        (await mesh.Client.GetAsync(new Uri(Fleet.Url), Token)).Dispose();
        Pass(mesh, TimeSpan.FromSeconds(60));
        Assert.Equal(2, mesh.Network.Received.Where(r => r.Uri.AbsolutePath == "/health").Select(r => r.Endpoint).Distinct().Count());
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, false)]
    [InlineData(HttpStatusCode.InternalServerError, false)]
    [InlineData(HttpStatusCode.TooManyRequests, true)]
    public async Task Endpoint_whose_calls_fail_is_called_and_not_asked(HttpStatusCode status, bool fromTheFirst)
    {
        using var mesh = Probed(1);
        if (!fromTheFirst)
        {
            using var good = await mesh.Client.GetAsync(new Uri(Fleet.Url), Token);
        }

        mesh.Network.On(Fleet.At(1), status);
        for (var i = 0; i < 60; i++)
        {
            using var response = await mesh.Advance(mesh.Client.PostAsync(new Uri(Fleet.Url), null, Token));
            Pass(mesh, TimeSpan.FromSeconds(1));
        }

        Assert.DoesNotContain(mesh.Network.Received, r => r.Uri.AbsolutePath == "/health");
    }

    [Fact]
    public void Probe_over_TLS_offers_HTTP_2_too()
    {
        // A server that speaks nothing else refuses the handshake of a client that offers only HTTP/1.1:
        // all endpoints of a gRPC service would be dead.
        using var mesh = Probed(1);
        var policies = new List<HttpVersionPolicy>();
        mesh.Network.On(Fleet.At(1), (request, _) =>
        {
            policies.Add(request.VersionPolicy);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });
        Pass(mesh, TimeSpan.FromSeconds(10.5));
        Assert.Equal([HttpVersionPolicy.RequestVersionOrHigher], policies);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Redirect)]
    public void Any_answer_below_500_shows_that_it_is_alive(HttpStatusCode status)
    {
        using var mesh = Probed(2);
        mesh.Eject(1);
        mesh.Network.On(Fleet.At(1), status);
        Pass(mesh, TimeSpan.FromSeconds(1));
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public void Probe_that_hangs_ends_after_its_time_and_another_follows()
    {
        using var mesh = Probed(2);
        mesh.Eject(1);
        mesh.Network.On(Fleet.At(1), (_, token) =>
        {
            var never = new TaskCompletionSource<HttpResponseMessage>();
            token.Register(() => never.TrySetCanceled(token));
            return never.Task;
        });
        Pass(mesh, TimeSpan.FromSeconds(0.75));
        Assert.True(mesh.Endpoint(1).Health.TrialInFlight);
        Pass(mesh, TimeSpan.FromSeconds(1));
        Assert.Equal(2, mesh.Endpoint(1).Health.Ejections);
        Pass(mesh, TimeSpan.FromSeconds(2));
        Assert.Equal(2, mesh.Network.CountOf(Fleet.At(1)));
    }

    [Fact]
    public void Probe_that_is_answered_429_decides_nothing()
    {
        using var mesh = Probed(2);
        mesh.Eject(1);
        mesh.Network.On(Fleet.At(1), HttpStatusCode.TooManyRequests);
        Pass(mesh, TimeSpan.FromSeconds(1));
        Assert.Equal(1, mesh.Endpoint(1).Health.Ejections);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
        Assert.True(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public void Without_a_path_nobody_is_asked()
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        Pass(mesh, TimeSpan.FromMinutes(5));
        Assert.Empty(mesh.Network.Received);
    }

    [Fact]
    public void Idle_interval_can_be_switched_off_alone()
    {
        using var mesh = Probed(2, s => s.OutlierDetection.Probe.IdleInterval = Timeout.InfiniteTimeSpan);
        Pass(mesh, TimeSpan.FromMinutes(5));
        Assert.Empty(mesh.Network.Received);
    }

    [Fact]
    public void Reload_switches_probes_on_and_off()
    {
        using var mesh = Fleet.Of(1);
        var service = mesh.Catalog();
        service.Apply(
            service.Model with
            {
                OutlierDetection =
                service.Model.OutlierDetection with { Probe = new("/live", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)) }
            });
        Pass(mesh, TimeSpan.FromSeconds(6));
        Assert.Equal("/live", Assert.Single(mesh.Network.Received).Uri.AbsolutePath);

        service.Apply(service.Model with { OutlierDetection = service.Model.OutlierDetection with { Probe = null } });
        Pass(mesh, TimeSpan.FromMinutes(1));
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public void Reload_ends_the_probe_that_is_under_way_and_its_permit_is_free()
    {
        using var mesh = Probed(2);
        var asked = CancellationToken.None;
        mesh.Eject(1);
        mesh.Network.On(Fleet.At(1), (request, token) =>
        {
            asked = token;
            return Answers.Hang(request, token);
        });
        Pass(mesh, TimeSpan.FromSeconds(0.75));
        Assert.True(mesh.Endpoint(1).Health.TrialInFlight);

        var service = mesh.Catalog();
        service.Apply(service.Model with { OutlierDetection = service.Model.OutlierDetection with { Probe = null } });

        Assert.True(asked.IsCancellationRequested);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
    }

    [Fact]
    public void Probes_are_counted_by_outcome()
    {
        using var mesh = Probed(2);
        using var probes = new MetricCollector<long>(
            mesh.Provider.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.probes");
        mesh.Network.Refuse(Fleet.At(2));
        Pass(mesh, TimeSpan.FromSeconds(10.5));
        Assert.Equal(
            ["connect_failure", "ok"],
            probes.GetMeasurementSnapshot().Select(m => (string)m.Tags["mesh.outcome"]!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("health")]
    [InlineData("/a#b")]
    [InlineData("http://x/")]
    public void Path_that_is_none_is_a_mistake(string path)
    {
        var mistakes = DependencyInjection.TestApplication.MistakesOf(
            "{}", mesh => mesh.AddService("a", s => s.OutlierDetection.Probe.Path = path));
        Assert.Equal($"Mesh:Services:a:OutlierDetection:Probe:Path: '{path}' is not a path, such as /health.", Assert.Single(mistakes));
    }

    /// <summary>In steps, as time passes.</summary>
    private static void Pass(MeshFixture mesh, TimeSpan time)
    {
        var step = TimeSpan.FromMilliseconds(50);
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            mesh.Time.Advance(step);
        }
    }

    private static MeshFixture Probed(int count, Action<ServiceOptions>? configure = null)
    {
        var mesh = Fleet.Of(count, s =>
        {
            s.OutlierDetection.Probe.Path = "/health";
            configure?.Invoke(s);
        });
        mesh.Catalog();
        return mesh;
    }
}
