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
        var before = service.Endpoints.Current.All;
        before[0].Load.ObserveLatency(service.Clock.Now, 42);
        mesh.Eject(2);

        service.Publish(
            "test",
            [TestSource.Endpoint("http://10.0.0.3"), TestSource.Endpoint("http://10.0.0.2") with { Zone = "z" },
                TestSource.Endpoint("http://10.0.0.1/")]);

        var after = service.Endpoints.Current;
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
        var before = service.Endpoints.Current.All[0];

        service.Publish("test", [new EndpointDescription { Address = new Uri(address), TlsName = tlsName, Host = host }]);

        Assert.NotSame(before, Assert.Single(service.Endpoints.Current.All));
    }

    [Fact]
    public void Publish_first_endpoints_can_be_read_before_the_service_counts_as_resolved()
    {
        using var mesh = Fleet.Of(0);
        var service = mesh.Catalog();
        var resolvedTooEarly = false;
        var endpoints = new Observed(() => resolvedTooEarly |= service.Endpoints.IsResolved && service.Endpoints.Current.All.Length == 0);

        service.Publish("test", endpoints);

        Assert.True(service.Endpoints.IsResolved);
        Assert.Single(service.Endpoints.Current.All);
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
        Assert.Equal(2, service.Endpoints.Current.All.Length);

        service.Publish("one", []);
        Assert.Equal(2, service.Endpoints.Current.All.Length);
        service.Publish("two", []);
        Assert.Empty(service.Endpoints.Current.All);
        Assert.True(service.Endpoints.IsResolved);
    }

    [Fact]
    public void Publish_configured_endpoints_stand_instead_of_those_of_a_source()
    {
        using var mesh = Fleet.Of(1);
        mesh.Catalog().Publish("test", [TestSource.Endpoint("http://10.0.0.7")]);
        Assert.Equal(Fleet.At(1), Assert.Single(mesh.Catalog().Endpoints.Current.All).Name);
    }

    /// <summary>Open connections were made by the rules of where it came from.</summary>
    [Fact]
    public void Publish_endpoint_that_was_configured_is_another_endpoint()
    {
        using var mesh = Fleet.Of(1);
        var service = mesh.Catalog();
        var configured = mesh.Endpoint(1);
        service.Publish("test", [TestSource.Endpoint("http://10.0.0.1")]);
        Assert.Same(configured, mesh.Endpoint(1));

        service.Apply(Policy(new ServiceOptions()));

        Assert.NotSame(configured, mesh.Endpoint(1));
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
        var (all, breaker, balancer, budget) = (service.Endpoints.Current.All, service.Breaker, service.Balancer, service.Budget);

        service.Apply(Policy(Fleet.Options(3, s => s.Timeout = TimeSpan.FromSeconds(3))));

        Assert.Equal(TimeSpan.FromSeconds(3), service.Routes[0].Policy.Timeout);
        Assert.Equal(all, service.Endpoints.Current.All);
        Assert.Equal([all[0]], service.Endpoints.Current.Ejected);
        Assert.Same(breaker, service.Breaker);
        Assert.Same(balancer, service.Balancer);
        Assert.Same(budget, service.Budget);
    }

    [Fact]
    public void Apply_model_that_says_the_same_changes_no_state()
    {
        ServiceOptions Options() => Fleet.Options(3, s => s.Endpoints[0].Labels["rack"] = "r1");
        using var mesh = new MeshFixture(options => options.Services[Fleet.Name] = Options());
        var service = mesh.Catalog();
        var (set, subset, route) = (service.Endpoints.Current, service.Subsets[0], service.Routes[0]);
        var next = Policy(Options());

        service.Apply(next);

        Assert.Same(set, service.Endpoints.Current);
        Assert.Same(subset, service.Subsets[0]);
        Assert.Same(route.Targets, service.Routes[0].Targets);
        Assert.Same(route.Learned, service.Routes[0].Learned);
        Assert.Same(next.Mesh, service.Model.Mesh);
    }

    [Fact]
    public void Apply_each_part_of_a_subset_follows_its_own_settings()
    {
        using var mesh = Fleet.Of(2);
        var service = mesh.Catalog();
        var (route, before) = (service.Routes[0], service.Subsets[0]);
        service.Budget.Record(failed: true);

        service.Apply(Policy(Fleet.Options(2, s => s.LoadBalancing.Policy = LoadBalancingPolicies.Random)));
        var balanced = service.Subsets[0];
        Assert.NotSame(before.Balancer, balanced.Balancer);
        Assert.Same(before.Breaker, balanced.Breaker);
        Assert.Same(before.Budget, balanced.Budget);

        service.Apply(Policy(Fleet.Options(2, s =>
        {
            s.LoadBalancing.Policy = LoadBalancingPolicies.Random;
            s.CircuitBreaker.BreakDuration = TimeSpan.FromSeconds(3);
        })));
        Assert.Same(balanced.Balancer, service.Balancer);
        Assert.NotSame(balanced.Breaker, service.Breaker);
        Assert.Same(before.Budget, service.Budget);
        Assert.Same(route.Learned, service.LearnedTimeout);
        Assert.NotSame(route.Targets[0], service.Routes[0].Targets[0]);
    }

    /// <summary>A call goes on as it began.</summary>
    [Fact]
    public async Task Apply_while_a_call_is_under_way_concerns_later_calls()
    {
        using var mesh = Fleet.Of(2);
        var answers = 0;
        mesh.All((_, _) =>
        {
            mesh.Catalog().Apply(Policy(Fleet.Options(2, s => s.Retry.MaxRetries = 0)));
            answers++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.InternalServerError));
        });

        (await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token))).Dispose();
        Assert.Equal(3, answers);

        (await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token))).Dispose();
        Assert.Equal(4, answers);
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
        var before = mesh.Catalog().Endpoints.Current.All;
        mesh.Catalog().Apply(Policy(Fleet.Options(4)));
        Assert.Equal(before, mesh.Catalog().Endpoints.Current.All.Take(3));
        mesh.Catalog().Apply(Policy(Fleet.Options(2)));
        Assert.Equal(before.Take(2), mesh.Catalog().Endpoints.Current.All);
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
        Assert.Equal(3, mesh.Catalog().Endpoints.Current.Usable.Length);
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);

        mesh.Catalog().Outliers.OnFailure(gone, connectFailure: false, mesh.Catalog().Clock.Now, trial: true);
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
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

    private static ServiceModel Policy(ServiceOptions service) =>
        new MeshModel(new MeshOptions { Services = { [Fleet.Name] = service } }, generation: 1).Of(Fleet.Name);

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
