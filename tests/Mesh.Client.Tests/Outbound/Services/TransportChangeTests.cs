using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Services;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>Other settings of connections: the endpoints stay, with all that is known about them, and connect anew.</summary>
public sealed class TransportChangeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("connect")]
    [InlineData("host")]
    [InlineData("name")]
    public async Task Endpoints_keep_what_is_known_about_them(string what)
    {
        using var mesh = Fleet.Of(4, OverTls);
        var service = mesh.Catalog();
        var all = service.Endpoints.Current.All;
        await Call(mesh, 4);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        foreach (var endpoint in all)
        {
            endpoint.Load.ObserveLatency(service.Clock.Now, 42);
        }

        var latency = all[0].Load.Latency;
        Assert.NotEqual(0, latency);
        Eject(service, 0);
        service.Draining.Begin(all[1]);
        all[2].Doubt(service.Clock.Now, TimeSpan.FromSeconds(20));
        all[2].SetState(service.Balancer, "state");
        all[3].Load.Readmit(service.Clock.Now, TimeSpan.FromSeconds(2));
        all[3].Load.ObserveFailure(service.Clock.Now, overloaded: false);
        all[3].Load.Enter(service.Clock.Now);
        var health = all.Select(static endpoint => endpoint.Health).ToList();
        var ramp = all[3].Load.RampFrom;
        var balancer = service.Balancer;

        service.Apply(Changed(4, what));

        var set = service.Endpoints.Current;
        Assert.Equal(all, set.All);
        Assert.Equal(health, set.All.Select(static endpoint => endpoint.Health));
        Assert.All(all, endpoint => Assert.Equal(latency, endpoint.Load.Latency));
        Assert.Equal([all[0]], set.Ejected);
        Assert.Equal([all[1]], set.Draining);
        Assert.True(all[1].IsDraining);
        Assert.Equal(TimeSpan.FromSeconds(20), all[2].DoubtPause);
        Assert.Equal("state", all[2].StateOf(balancer));
        Assert.Same(balancer, service.Balancer);
        Assert.Equal(ramp, all[3].Load.RampFrom);
        Assert.True(all[3].Load.Success(service.Clock.Now) < 0.9f);
        Assert.Equal(1, all[3].Load.InFlight);
    }

    [Theory]
    [InlineData("connect", "10.0.0.1")]
    [InlineData("host", "catalog")]
    [InlineData("name", "catalog.internal")]
    public async Task Next_call_goes_by_the_new_settings(string what, string host)
    {
        using var mesh = Fleet.Of(1, OverTls);
        await Call(mesh, 1);
        Assert.Equal("10.0.0.1", mesh.Network.Received.Last().Uri.Host);

        mesh.Catalog().Apply(Changed(1, what));
        await Call(mesh, 1);

        Assert.Equal(host, mesh.Network.Received.Last().Uri.Host);
        Assert.Equal((2, 1), (mesh.Network.Opened, mesh.Network.Closed));
    }

    [Fact]
    public async Task Idle_connections_are_closed_at_once_and_none_is_opened_without_a_call()
    {
        using var mesh = Fleet.Of(3, OverTls);
        await Call(mesh, 2);

        mesh.Catalog().Apply(Changed(3, "connect"));
        Assert.Equal((2, 2), (mesh.Network.Opened, mesh.Network.Closed));

        mesh.Catalog().Apply(Changed(3, "connect"));
        mesh.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((2, 2), (mesh.Network.Opened, mesh.Network.Closed));
    }

    [Fact]
    public async Task Call_under_way_ends_on_its_connections_and_later_ones_do_not_wait_for_it()
    {
        using var mesh = Fleet.Of(1, OverTls);
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.Network.On("10.0.0.1:443", (_, token) => release.Task.WaitAsync(token));
        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Network.On("10.0.0.1:443", HttpStatusCode.OK);

        mesh.Catalog().Apply(Changed(1, "name"));
        Assert.Equal(0, mesh.Network.Closed);
        await Call(mesh, 1);
        Assert.Equal((2, 0), (mesh.Network.Opened, mesh.Network.Closed));
        Assert.Equal(1, mesh.InFlight());

        release.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.OK, (await call).StatusCode);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((2, 1), (mesh.Network.Opened, mesh.Network.Closed));
        mesh.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((2, 1), (mesh.Network.Opened, mesh.Network.Closed));
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>It takes the address of its endpoint, and then opens the connections: both belong to the same settings.</summary>
    [Fact]
    public async Task Attempt_whose_settings_change_while_it_is_sent_goes_on_as_it_began()
    {
        using var mesh = Fleet.Of(1, OverTls);
        mesh.Network.Opening = () =>
        {
            mesh.Network.Opening = null;
            mesh.Catalog().Apply(Changed(1, "name"));
        };
        await Call(mesh, 1);
        Assert.Equal("10.0.0.1", Assert.Single(mesh.Network.Received).Uri.Host);

        await Call(mesh, 1);
        Assert.Equal("catalog.internal", mesh.Network.Received.Last().Uri.Host);
        Assert.Equal((2, 0), (mesh.Network.Opened, mesh.Network.Closed));
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((2, 1), (mesh.Network.Opened, mesh.Network.Closed));
    }

    [Fact]
    public async Task Retry_at_the_only_endpoint_goes_over_the_new_connections()
    {
        using var mesh = Fleet.Of(1, OverTls);
        mesh.Network.On("10.0.0.1:443", (_, _) =>
        {
            mesh.Network.On("10.0.0.1:443", HttpStatusCode.OK);
            mesh.Catalog().Apply(Changed(1, "name"));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        });

        (await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token))).EnsureSuccessStatusCode().Dispose();

        Assert.Equal(["10.0.0.1", "catalog.internal"], mesh.Network.Received.Select(static sent => sent.Uri.Host));
    }

    [Fact]
    public async Task Hundred_reloads_back_and_forth_leave_one_pool_for_each_endpoint()
    {
        using var mesh = Fleet.Of(3, OverTls);
        mesh.All(Answers.Body(new TrackedContent("long")));
        using var download = await mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);
        mesh.All(Answers.Status(HttpStatusCode.OK));
        for (var i = 0; i < 100; i++)
        {
            mesh.Catalog().Apply(Changed(3, i % 2 == 0 ? "connect" : "none"));
            await Call(mesh, 3);
        }

        // Those of the endpoint with the body wait for what may be about to be sent.
        Assert.Equal(301, mesh.Network.Opened);
        var idle = mesh.Catalog().Endpoints.Current.All.Where(static endpoint => endpoint.Load.InFlight == 0).ToList();
        Assert.Equal(2, idle.Count);
        Assert.All(idle, endpoint => Assert.Equal(1, mesh.Network.Open[endpoint.Name]));
        mesh.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(298, mesh.Network.Closed);
        Assert.All(mesh.Network.Open.Values, static open => Assert.Equal(1, open));
        Assert.Equal("long", await download.Content.ReadAsStringAsync(Token));
        Assert.Equal(0, mesh.InFlight());
        mesh.Dispose();
        Assert.Equal(mesh.Network.Opened, mesh.Network.Closed);
    }

    [Fact]
    public void Both_ports_of_an_instance_follow()
    {
        using var mesh = new MeshFixture();
        var service = new Service("catalog", new MeshModel(new MeshOptions(), generation: 1).Defaults, Dependencies(mesh));
        service.Publish("test", [TestSource.Endpoint("http://10.0.0.1:8080") with { SecurePort = 8443 }]);
        var endpoint = service.Endpoints.Current.All[0];
        var before = (endpoint.TransportFor(secure: false), endpoint.TransportFor(secure: true));
        _ = (before.Item1.Invoker, before.Item2.Invoker);

        service.Apply(Changed(0, "connect"));

        Assert.Same(endpoint, Assert.Single(service.Endpoints.Current.All));
        Assert.NotSame(before.Item1, endpoint.TransportFor(secure: false));
        Assert.NotSame(before.Item2, endpoint.TransportFor(secure: true));
        Assert.Equal((8443, true), (endpoint.TransportFor(secure: true).Endpoint.Port, endpoint.TransportFor(secure: true).IsSecure));
        Assert.Equal((2, 2), (mesh.Network.Opened, mesh.Network.Closed));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8443)]
    public void Newly_required_tls_leaves_out_endpoints_without_it(int securePort)
    {
        using var mesh = new MeshFixture();
        var service = new Service("catalog", new MeshModel(new MeshOptions(), generation: 1).Defaults, Dependencies(mesh));
        service.Publish(
            "test",
            [
                TestSource.Endpoint("http://10.0.0.1:8080") with { SecurePort = securePort }, TestSource.Endpoint("https://10.0.0.2"),
            ]);
        var (plain, secure) = (service.Endpoints.Current.All[0], service.Endpoints.Current.All[1]);
        Assert.Equal(securePort != 0, plain.SpeaksTls);

        service.Apply(Changed(0, "name"));

        var all = service.Endpoints.Current.All;
        Assert.Equal(securePort == 0 ? 1 : 2, all.Length);
        Assert.DoesNotContain(plain, all);
        Assert.Contains(secure, all);
        Assert.All(all, static endpoint => Assert.True(endpoint is { IsSecure: true, Transport.TlsName: "catalog.internal" }));
        Assert.Equal(securePort == 0 ? 1 : 0, service.Endpoints.WithoutTlsCount);
    }

    [Fact]
    public async Task Reloads_under_load_lose_no_call()
    {
        using var mesh = Fleet.Of(2, OverTls);
        var service = mesh.Catalog();
        ServiceModel[] models = [Changed(2, "connect"), Changed(2, "name"), Changed(2, "none")];
        var calls = Task.Run(
            async () =>
            {
                for (var i = 0; i < 5000; i++)
                {
                    using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
                    Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                }
            },
            Token);
        for (var i = 0; !calls.IsCompleted; i++)
        {
            service.Apply(models[i % models.Length]);
        }

        await calls;
        Assert.Equal(0, mesh.InFlight());
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.All(mesh.Network.Open.Values, static open => Assert.InRange(open, 0, 1));
    }

    private static ServiceDependencies Dependencies(MeshFixture mesh) =>
        (ServiceDependencies)mesh.Provider.GetService(typeof(ServiceDependencies))!;

    private static async Task Call(MeshFixture mesh, int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await mesh.Client.GetAsync(Fleet.Url, Token)).EnsureSuccessStatusCode().Dispose();
        }
    }

    private static void Eject(Service service, int index)
    {
        for (var i = 0; i < service.Model.OutlierDetection.ConsecutiveFailures; i++)
        {
            service.Outliers.OnFailure(service.Endpoints.Current.All[index], connectFailure: false, service.Clock.Now, trial: false);
        }
    }

    private static void OverTls(ServiceOptions service)
    {
        foreach (var endpoint in service.Endpoints)
        {
            endpoint.Address = endpoint.Address.Replace("http:", "https:", StringComparison.Ordinal);
        }
    }

    private static ServiceModel Changed(int count, string what)
    {
        var service = Fleet.Options(count, OverTls);
        service.ConnectTimeout = what == "connect" ? TimeSpan.FromSeconds(2) : null;
        service.HostHeader = what == "host" ? HostHeader.Service : null;
        service.TlsName = what == "name" ? "catalog.internal" : null;
        return new MeshModel(new MeshOptions { Services = { [Fleet.Name] = service } }, generation: 2).Of(Fleet.Name);
    }
}
