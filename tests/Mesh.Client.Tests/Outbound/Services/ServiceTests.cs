using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Polly.CircuitBreaker;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>What of a service survives a refresh or a reload, and what does not.</summary>
public sealed class ServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Publish_same_address_keeps_the_endpoint_and_its_state()
    {
        using var mesh = Fleet.Of(0);
        var service = mesh.Catalog();
        service.Publish("test", [TestSource.Endpoint("http://10.0.0.1"), TestSource.Endpoint("http://10.0.0.2")]);
        var before = service.Endpoints.All;
        before[0].Load.ObserveLatency(service.Clock.Now, 42);
        mesh.Eject(2);

        service.Publish(
            "test",
            [TestSource.Endpoint("http://10.0.0.3"), TestSource.Endpoint("http://10.0.0.2") with { Zone = "z" },
                TestSource.Endpoint("http://10.0.0.1/")]);

        var after = service.Endpoints;
        Assert.Equal(3, after.All.Length);
        Assert.Same(before[0], mesh.Endpoint(1));
        Assert.Same(before[1], mesh.Endpoint(2));
        Assert.Equal(42, before[0].Load.Latency);
        Assert.Equal("z", before[1].Description.Zone);
        Assert.Equal([before[1]], after.Ejected);
    }

    [Theory]
    [InlineData("http://10.0.0.1:81", null, null)]
    [InlineData("https://10.0.0.1:80", null, null)]
    [InlineData("http://10.0.0.1/base", null, null)]
    [InlineData("http://10.0.0.1", "other", null)]
    [InlineData("http://10.0.0.1", null, "shop")]
    public void Publish_other_connection_makes_a_new_endpoint(string address, string? tlsName, string? host)
    {
        using var mesh = Fleet.Of(0);
        var service = mesh.Catalog();
        service.Publish("test", [TestSource.Endpoint("http://10.0.0.1")]);
        var before = service.Endpoints.All[0];

        service.Publish("test", [new EndpointDescription { Address = new Uri(address), TlsName = tlsName, Host = host }]);

        Assert.NotSame(before, Assert.Single(service.Endpoints.All));
    }

    [Fact]
    public void Publish_first_endpoints_can_be_read_before_the_service_counts_as_resolved()
    {
        using var mesh = Fleet.Of(0);
        var service = mesh.Catalog();
        var resolvedTooEarly = false;
        var endpoints = new Observed(() => resolvedTooEarly |= service.IsResolved && service.Endpoints.All.Length == 0);

        service.Publish("test", endpoints);

        Assert.True(service.IsResolved);
        Assert.Single(service.Endpoints.All);
        Assert.True(endpoints.WasRead);
        Assert.False(resolvedTooEarly);
    }

    [Fact]
    public void Publish_same_address_twice_is_one_endpoint()
    {
        using var mesh = Fleet.Of(0);
        var service = mesh.Catalog();
        service.Publish("one", [TestSource.Endpoint("http://10.0.0.1"), TestSource.Endpoint("http://10.0.0.1/")]);
        service.Publish("two", [TestSource.Endpoint("http://10.0.0.1"), TestSource.Endpoint("http://10.0.0.2")]);
        Assert.Equal(2, service.Endpoints.All.Length);

        service.Publish("one", []);
        Assert.Equal(2, service.Endpoints.All.Length);
        service.Publish("two", []);
        Assert.Empty(service.Endpoints.All);
        Assert.True(service.IsResolved);
    }

    [Fact]
    public void Publish_configured_endpoints_stand_instead_of_those_of_a_source()
    {
        using var mesh = Fleet.Of(1);
        mesh.Catalog().Publish("test", [TestSource.Endpoint("http://10.0.0.7")]);
        Assert.Equal(Fleet.At(1), Assert.Single(mesh.Catalog().Endpoints.All).Name);
    }

    [Fact]
    public async Task Publish_endpoint_that_left_closes_its_connections_after_its_last_request()
    {
        using var mesh = Fleet.Of(0);
        var service = mesh.Catalog();
        service.Publish("test", [TestSource.Endpoint("http://10.0.0.1")]);
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.Network.On(Fleet.At(1), (_, token) => release.Task.WaitAsync(token));
        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal(1, mesh.Network.Opened);

        service.Publish("test", [TestSource.Endpoint("http://10.0.0.2")]);
        mesh.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, mesh.Network.Closed);

        release.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.OK, (await call).StatusCode);
        Assert.Equal(0, mesh.Network.Closed);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, mesh.Network.Closed);
        mesh.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, mesh.Network.Closed);
    }

    [Fact]
    public async Task Publish_endpoint_that_left_closes_no_earlier_than_its_streamed_body_ends()
    {
        using var mesh = Fleet.Of(0);
        var service = mesh.Catalog();
        service.Publish("test", [TestSource.Endpoint("http://10.0.0.1")]);
        mesh.Network.On(Fleet.At(1), Answers.Body(new TrackedContent("long")));
        using var response = await mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);

        service.Publish("test", []);
        mesh.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, mesh.Network.Closed);

        Assert.Equal("long", await response.Content.ReadAsStringAsync(Token));
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, mesh.Network.Closed);
    }

    [Fact]
    public async Task Dispose_closes_all_connections()
    {
        var mesh = Fleet.Of(3);
        for (var i = 0; i < 3; i++)
        {
            (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        }

        Assert.Equal(3, mesh.Network.Opened);
        mesh.Dispose();
        Assert.Equal(3, mesh.Network.Closed);
    }

    [Fact]
    public void Apply_keeps_what_the_reload_does_not_change()
    {
        using var mesh = Fleet.Of(3);
        var service = mesh.Catalog();
        mesh.Eject(1);
        var (all, breaker, balancer, budget) = (service.Endpoints.All, service.Breaker, service.Balancer, service.Budget);

        service.Apply(Policy(Fleet.Options(3, s => s.Timeout = TimeSpan.FromSeconds(3))));

        Assert.Equal(TimeSpan.FromSeconds(3), service.Policy.Timeout);
        Assert.Equal(all, service.Endpoints.All);
        Assert.Equal([all[0]], service.Endpoints.Ejected);
        Assert.Same(breaker, service.Breaker);
        Assert.Same(balancer, service.Balancer);
        Assert.Same(budget, service.Budget);
    }

    [Fact]
    public async Task Apply_open_breaker_stays_open_unless_its_own_settings_change()
    {
        using var mesh = Fleet.Of(1, s => s.CircuitBreaker.MinimumThroughput = 2);
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);

        mesh.Catalog().Apply(Policy(Fleet.Options(4, s =>
        {
            s.CircuitBreaker.MinimumThroughput = 2;
            s.LoadBalancing.Policy = LoadBalancingPolicies.Adaptive;
        })));
        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);

        mesh.Catalog().Apply(Policy(Fleet.Options(4, s => s.CircuitBreaker.MinimumThroughput = 3)));
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
    }

    [Fact]
    public void Apply_changes_only_the_endpoints_that_changed()
    {
        using var mesh = Fleet.Of(3);
        var before = mesh.Catalog().Endpoints.All;
        mesh.Catalog().Apply(Policy(Fleet.Options(4)));
        Assert.Equal(before, mesh.Catalog().Endpoints.All.Take(3));
        mesh.Catalog().Apply(Policy(Fleet.Options(2)));
        Assert.Equal(before.Take(2), mesh.Catalog().Endpoints.All);
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("host")]
    public void Apply_settings_of_connections_make_new_endpoints(string what)
    {
        using var mesh = Fleet.Of(2);
        var before = mesh.Catalog().Endpoints.All;
        mesh.Catalog().Apply(Policy(Fleet.Options(2, s =>
        {
            s.ConnectTimeout = what == "connect" ? TimeSpan.FromSeconds(2) : null;
            s.HostHeader = what == "host" ? HostHeader.Endpoint : null;
        })));
        Assert.Empty(before.Intersect(mesh.Catalog().Endpoints.All));
        Assert.Equal(2, mesh.Catalog().Endpoints.All.Length);
    }

    [Fact]
    public void Apply_outlier_detection_off_uses_all_at_once()
    {
        using var mesh = Fleet.Of(3);
        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(mesh.Catalog().Outliers.TakeTrial(repeatable: true, secureOnly: false, mesh.Catalog().Clock.Now));
        var gone = mesh.Endpoint(1);

        mesh.Catalog().Apply(Policy(Fleet.Options(3, s => s.OutlierDetection.Enabled = false)));
        Assert.Equal(3, mesh.Catalog().Endpoints.Usable.Length);
        Assert.Empty(mesh.Catalog().Endpoints.Ejected);

        mesh.Catalog().Outliers.OnFailure(gone, connectFailure: false, mesh.Catalog().Clock.Now, trial: true);
        Assert.Empty(mesh.Catalog().Endpoints.Ejected);
    }

    [Fact]
    public async Task Publish_under_load_loses_no_call()
    {
        using var mesh = Fleet.Of(0);
        var service = mesh.Catalog();
        service.Publish("test", [TestSource.Endpoint("http://10.0.0.1")]);
        var stop = false;
        var calls = Task.Run(
            async () =>
            {
                for (var i = 0; i < 5000; i++)
                {
                    using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
                    Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                }

                Volatile.Write(ref stop, true);
            },
            Token);
        for (var i = 0; !Volatile.Read(ref stop) && !calls.IsCompleted; i++)
        {
            service.Publish("test", [.. Enumerable.Range(1 + (i % 3), 3).Select(n => TestSource.Endpoint($"http://10.0.0.{n}"))]);
            service.Apply(Policy(Fleet.Options(0, s => s.Timeout = TimeSpan.FromSeconds(5 + (i % 2)))));
        }

        await calls;
        Assert.Equal(0, mesh.InFlight());
    }

    private static ServicePolicy Policy(ServiceOptions service) => ServicePolicy.Create(service, new ServiceOptions());

    /// <summary>One endpoint; says when it is read.</summary>
    private sealed class Observed(Action reading) : IReadOnlyList<EndpointDescription>
    {
        public bool WasRead { get; private set; }

        public int Count => 1;

        public EndpointDescription this[int index] => TestSource.Endpoint("http://10.0.0.1");

        public IEnumerator<EndpointDescription> GetEnumerator()
        {
            WasRead = true;
            reading();
            yield return this[0];
            reading();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
