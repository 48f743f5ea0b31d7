using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.HttpClients;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A route decides how the calls that it takes are made; the others are made as the service says.</summary>
public sealed class RoutesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/reports/2026", "GET", 60)]
    [InlineData("/reports", "POST", 60)]
    [InlineData("/orders", "GET", 10)]
    [InlineData("/orders", "POST", 3)]
    [InlineData("/", "GET", 10)]
    public async Task First_route_that_matches_decides_the_time(string path, string method, int seconds)
    {
        using var mesh = Fleet.Of(1, static service =>
        {
            service.Routes["reports"] = new RouteOptions { Timeout = TimeSpan.FromSeconds(60), Matches = [new() { Path = "/reports/**" }] };
            service.Routes["writes"] = new RouteOptions { Timeout = TimeSpan.FromSeconds(3), Matches = [new() { Methods = ["POST"] }] };
        });
        mesh.All(Answers.Hang);

        var call = mesh.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "http://catalog" + path), Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(2));

        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
    }

    [Fact]
    public async Task Route_sets_the_number_of_retries_and_the_time_of_an_attempt()
    {
        using var mesh = Fleet.Of(3, static service => service.Routes["once"] = new RouteOptions
        {
            MaxRetries = 0,
            Matches = [new() { Headers = { ["x-once"] = "1" } }],
        });
        mesh.All(Answers.Status(HttpStatusCode.ServiceUnavailable));

        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url) { Headers = { { "x-once", "1" } } };
        using var once = await mesh.Advance(mesh.Client.SendAsync(request, Token), 50);
        Assert.Single(mesh.Network.Received);

        using var others = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token), 50);
        Assert.Equal(4, mesh.Network.Received.Count);
    }

    [Fact]
    public void Lowest_order_is_asked_first_then_the_name()
    {
        using var mesh = Fleet.Of(1, static service =>
        {
            service.Routes["a"] = new RouteOptions { Order = 1 };
            service.Routes["c"] = new RouteOptions();
            service.Routes["b"] = new RouteOptions();
            service.Routes["z"] = new RouteOptions { Order = -1 };
        });

        Assert.Equal(["z", "b", "c", "a", "default"], mesh.Catalog().Routes.ToArray().Select(static route => route.Model.Name));
    }

    [Fact]
    public async Task Two_clients_of_one_service_may_have_two_policies()
    {
        using var mesh = Fleet.Of(1, static service => service.Routes["batch"] = new RouteOptions
        {
            Timeout = TimeSpan.FromMinutes(5),
            Matches = [new() { Clients = ["batch"] }],
        });
        mesh.All(Answers.Hang);
        using var batch = new HttpMessageInvoker(
            new MeshHandler(mesh.Provider.GetRequiredService<CallPipeline>(), ownPrimary: false, client: "batch"));

        var slow = batch.SendAsync(new HttpRequestMessage(HttpMethod.Get, Fleet.Url), Token);
        var quick = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(11));
        await Assert.ThrowsAsync<TaskCanceledException>(() => quick);
        Assert.False(slow.IsCompleted);

        mesh.Time.Advance(TimeSpan.FromMinutes(5));
        var late = await Assert.ThrowsAsync<TaskCanceledException>(() => slow);
        Assert.Contains("raise Mesh:Services:catalog:Routes:batch:Timeout.", late.Message, StringComparison.Ordinal);
    }

    /// <summary>What is learned of slow reports is nothing about the other calls.</summary>
    [Fact]
    public async Task Each_route_learns_its_own_time_and_keeps_it_over_a_reload()
    {
        using var mesh = Fleet.Of(2, static service => service.Routes["reports"] = new RouteOptions { Matches = [new() { Path = "/r" }] });
        mesh.All(async (request, _) =>
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(request.RequestUri!.AbsolutePath == "/r" ? 500 : 1));
            await Task.Yield();
            return new HttpResponseMessage { RequestMessage = request };
        });
        for (var i = 0; i < 200; i++)
        {
            (await mesh.Client.GetAsync(i % 2 == 0 ? "http://catalog/r" : "http://catalog/", Token)).Dispose();
        }

        var (reports, others) = (mesh.Catalog().Routes[0], mesh.Catalog().Routes[1]);
        Assert.True(reports.Learned.Value > others.Learned.Value);

        var options = new MeshOptions();
        options.Services[Fleet.Name] = Fleet.Options(2, static service =>
        {
            service.Routes["reports"] = new RouteOptions { Timeout = TimeSpan.FromSeconds(20), Matches = [new() { Path = "/r" }] };
            service.Routes["new"] = new RouteOptions { Matches = [new() { Path = "/n" }] };
        });
        mesh.Provider.GetRequiredService<MeshStore>().Configure(options, static _ => { }, static (failure, _) => throw failure);

        Assert.Same(reports.Learned, mesh.Catalog().Routes[1].Learned);
        Assert.Same(others.Learned, mesh.Catalog().Routes[2].Learned);
    }

    [Fact]
    public async Task Redirect_is_routed_anew_within_the_same_time()
    {
        using var mesh = Fleet.Of(1, static service => service.Routes["once"] = new RouteOptions
        {
            MaxRetries = 0,
            Matches = [new() { Path = "/there" }],
        });
        mesh.All((request, token) => request.RequestUri!.AbsolutePath == "/there"
            ? Answers.Status(HttpStatusCode.ServiceUnavailable)(request, token)
            : Answers.Redirect(HttpStatusCode.Found, "/there")(request, token));

        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token), 50);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(2, mesh.Network.Received.Count);
    }

    /// <summary>The time is that of the first route, and so is what is said of it.</summary>
    [Fact]
    public async Task Time_after_a_redirect_is_that_of_the_first_route()
    {
        using var mesh = Fleet.Of(1, static service => service.Routes["there"] = new RouteOptions
        {
            Timeout = TimeSpan.FromSeconds(60),
            Matches = [new() { Path = "/there" }],
        });
        mesh.All((request, token) => request.RequestUri!.AbsolutePath == "/there"
            ? Answers.Hang(request, token)
            : Answers.Redirect(HttpStatusCode.Found, "/there")(request, token));

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(10));

        var late = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.Contains("(Timeout 10 s)", late.Message, StringComparison.Ordinal);
        Assert.Contains("raise Mesh:Services:catalog:Timeout.", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_of_a_call_is_on_its_metric()
    {
        using var mesh = Fleet.Of(1, static service => service.Routes["reports"] = new RouteOptions { Matches = [new() { Path = "/r" }] });
        mesh.All(Answers.Status(HttpStatusCode.OK));
        using var calls = new MetricCollector<double>(mesh.Provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
            MeshTelemetry.MeterName, "mesh.client.call.duration");

        (await mesh.Client.GetAsync("http://catalog/r", Token)).Dispose();
        (await mesh.Client.GetAsync("http://catalog/", Token)).Dispose();

        Assert.Equal(["reports", "default"], calls.GetMeasurementSnapshot().Select(static call => call.Tags["mesh.route"]));
    }

    /// <summary>Each named route is one part as a whole: it is not mixed of what two say.</summary>
    [Fact]
    public async Task Route_of_a_control_plane_takes_the_place_of_one_of_that_name()
    {
        var source = new TestSource(rank: MeshSourceRank.ControlPlane);
        using var mesh = Fleet.Of(
            1,
            static service =>
            {
                service.Routes["a"] = new RouteOptions { MaxRetries = 7, Timeout = TimeSpan.FromSeconds(7) };
                service.Routes["b"] = new RouteOptions { MaxRetries = 8, Order = 1 };
            },
            services: services => services.AddSingleton<IMeshSource>(source));
        mesh.Directory.Start();
        var sink = await source.Sink;
        var said = new ServiceOptions { Routes = { ["A"] = new RouteOptions { Timeout = TimeSpan.FromSeconds(1) } } };

        Assert.True(sink.Publish(new ServiceUpdate(Fleet.Name) { Settings = said }).IsAccepted);
        said.Routes["A"].Timeout = TimeSpan.FromSeconds(99);

        var routes = mesh.Catalog().Routes.ToArray();
        Assert.Equal(
            "Routes:a:Timeout at 'test', which decides it (or Mesh:Override:Services:catalog:Routes:a:Timeout)",
            mesh.Catalog().Model.WhereToSet(Fleet.Name, "Timeout", "a"));
        Assert.Equal("Mesh:Services:catalog:Routes:b:Timeout", mesh.Catalog().Model.WhereToSet(Fleet.Name, "Timeout", "b"));
        Assert.Equal(["A", "b", "default"], routes.Select(static route => route.Model.Name));
        Assert.Equal([2, 8, 2], routes.Select(static route => route.Policy.MaxRetries));
        Assert.Equal(TimeSpan.FromSeconds(1), routes[0].Policy.Timeout);

        // A name is one whatever its case: what was learned stays.
        var learned = routes[0].Learned;
        sink.Withdraw(Fleet.Name);
        Assert.Same(learned, mesh.Catalog().Routes[0].Learned);
        Assert.Equal([7, 8, 2], mesh.Catalog().Routes.ToArray().Select(static route => route.Policy.MaxRetries));
    }
}
