using System.Net;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing.Locality;

namespace Mesh.Client.Tests.Outbound.Balancing.Locality;

/// <summary>Zones, subsets and their changes on the whole way of a call.</summary>
public sealed class LocalityPickTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(LoadBalancingPolicies.Adaptive)]
    [InlineData(LoadBalancingPolicies.LeastRequest)]
    [InlineData(LoadBalancingPolicies.RoundRobin)]
    public async Task Pick_calls_stay_in_the_zone(string policy)
    {
        using var mesh = InZone("a", policy);
        Publish(mesh, [.. Zone("a", 1, 3), .. Zone("b", 11, 3)]);
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await mesh.Client.GetAsync(Fleet.Url, Token)).StatusCode);
        }

        Assert.All(mesh.Network.Received, received => Assert.Contains(received.Endpoint, Fleet.Names(3)));
        Assert.Equal(3, mesh.Network.Received.Select(received => received.Endpoint).Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Pick_last_attempt_leaves_a_zone_that_fails_as_a_whole(int retries)
    {
        using var mesh = InZone("a", LoadBalancingPolicies.RoundRobin, s =>
        {
            s.Retry.MaxRetries = retries;
            s.OutlierDetection.Enabled = false;
        });
        Publish(mesh, [.. Zone("a", 1, 6), .. Zone("b", 11, 6)]);
        Array.ForEach(Fleet.Names(6), mesh.Network.Refuse);
        for (var i = 0; i < 20; i++)
        {
            var task = mesh.Client.GetAsync(Fleet.Url, Token);
            Assert.Equal(HttpStatusCode.OK, (await mesh.Advance(task, stepMs: 1_000)).StatusCode);
        }

        Assert.Equal(20 * retries, mesh.Network.Received.Count(received => Fleet.Names(6).Contains(received.Endpoint)));
    }

    /// <summary>With fewer than three usable endpoints here both zones are one group: the rule holds all the same.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    public async Task Pick_last_attempt_leaves_a_dying_zone_of_which_a_part_is_ejected(int ejected, int retries)
    {
        using var mesh = InZone("a", LoadBalancingPolicies.RoundRobin, s => s.Retry.MaxRetries = retries);
        Publish(mesh, [.. Zone("a", 1, 3), .. Zone("b", 11, 3)]);
        Array.ForEach(Fleet.Names(3), mesh.Network.Refuse);
        for (var i = 0; i < 100; i++)
        {
            for (var number = 1; number <= 3; number++)
            {
                mesh.Readmit(number);
            }

            for (var number = 1; number <= ejected; number++)
            {
                mesh.Eject(number);
            }

            var task = mesh.Client.GetAsync(Fleet.Url, Token);
            Assert.Equal(HttpStatusCode.OK, (await mesh.Advance(task, stepMs: 1_000)).StatusCode);
        }
    }

    [Fact]
    public async Task Pick_zone_that_is_ejected_is_left_altogether()
    {
        using var mesh = InZone("a", LoadBalancingPolicies.RoundRobin);
        Publish(mesh, [.. Zone("a", 1, 3), .. Zone("b", 11, 3)]);
        mesh.Eject(1);
        mesh.Eject(2);
        mesh.Eject(3);
        mesh.Network.Received.Clear();
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await mesh.Client.GetAsync(Fleet.Url, Token)).StatusCode);
        }

        Assert.DoesNotContain(mesh.Network.Received, received => Fleet.Names(3).Contains(received.Endpoint));
    }

    /// <summary>Answers take between nothing and twice the mean; twelve callers, each calling again as soon as it has its answer.</summary>
    [Theory]
    [InlineData(20, 20, 0, 0.1)]
    [InlineData(100, 70, 0, 0.1)]
    [InlineData(200, 20, 0.8, 1)]
    public async Task Pick_calls_leave_a_zone_that_is_slow_and_hardly_any_other(int here, int there, double least, double most)
    {
        using var mesh = InZone("a", LoadBalancingPolicies.Adaptive);
        Publish(mesh, [.. Zone("a", 1, 4), .. Zone("b", 11, 4)]);
        var random = new SeededRandom(9);
        foreach (var endpoint in mesh.Catalog().Endpoints.Current.All)
        {
            var mean = endpoint.Place.Zone == "a" ? here : there;
            mesh.Network.On(endpoint.Name, async (_, token) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1 + (2 * mean * random.NextDouble())), mesh.Time, token);
                return new HttpResponseMessage(HttpStatusCode.OK);
            });
        }

        await mesh.Advance(Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            for (var i = 0; i < 100; i++)
            {
                (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
            }

            return 0;
        })), stepMs: 1);

        var left = mesh.Network.Received.Count(
            received => !Fleet.Names(4).Contains(received.Endpoint)) / (double)mesh.Network.Received.Count;
        Assert.InRange(left, least, most);
    }

    [Fact]
    public async Task Pick_with_much_under_way_uses_more_endpoints()
    {
        using var mesh = Fleet.Of(0, s => s.LoadBalancing.SubsetSize = 4);
        Publish(mesh, Zone("a", 1, 40));
        mesh.All(Answers.Hang);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var calls = new List<Task>();
        for (var i = 0; i < 100; i++)
        {
            calls.Add(mesh.Client.GetAsync(Fleet.Url, caller.Token));
            mesh.Time.Advance(TimeSpan.FromMilliseconds(11));
        }

        Assert.InRange(mesh.Catalog().Endpoints.Current.Usable.Length, 16, 16);
        Assert.InRange(mesh.Network.Received.Select(received => received.Endpoint).Distinct().Count(), 9, 16);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(calls));
    }

    [Fact]
    public void Resize_threads_that_saw_the_same_crowd_enlarge_it_once()
    {
        using var mesh = InZone("", LoadBalancingPolicies.Adaptive, s => s.LoadBalancing.SubsetSize = 10);
        Publish(mesh, Zone("", 1, 1_000));
        var service = mesh.Catalog();
        var seen = service.Endpoints.Current;
        foreach (var endpoint in seen.Usable)
        {
            for (var i = 0; i < 9; i++)
            {
                endpoint.Load.Enter(service.Clock.Now);
            }
        }

        for (var thread = 0; thread < 8; thread++)
        {
            service.Endpoints.Resize(seen, service.Clock.Now);
        }

        Assert.Equal(20, service.Endpoints.Current.Usable.Length);
    }

    [Fact]
    public void Publish_ejection_and_return_leave_all_other_members_where_they_are()
    {
        using var mesh = Fleet.Of(0);
        Publish(mesh, Zone("a", 1, 100));
        var before = mesh.Catalog().Endpoints.Current.Usable;
        Assert.Equal(32, before.Length);

        mesh.Eject(int.Parse(before[3].Name.Split('.', ':')[3], null));
        Assert.Equal(before.Where((_, i) => i != 3), mesh.Catalog().Endpoints.Current.Usable);

        // A description that is the same object is not read again.
        var place = before[0].Place;
        Publish(mesh, [.. mesh.Catalog().Endpoints.Current.All.Select(endpoint => endpoint.Description), .. Zone("a", 200, 1)]);
        Assert.Same(place, before[0].Place);
        Assert.InRange(mesh.Catalog().Endpoints.Current.Usable.Except(before).Count(), 0, 1);
    }

    [Fact]
    public async Task Relocate_own_ordinal_turns_the_subset_to_its_place_on_the_ring()
    {
        var source = new TestSource();
        using var mesh = new MeshFixture(
            options => options.Service.Name = "callers",
            services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<IMeshSource>(services,
                source));
        mesh.Directory.Start();
        var sink = await source.Sink.WaitAsync(Token);
        sink.Publish("catalog", [.. Enumerable.Range(0, 100).Select(i => Places.Described(i, ordinal: i))]);
        sink.Ready();
        var before = mesh.Catalog().Endpoints.Current.Usable;

        mesh.Directory.Registers("c5");
        sink.Publish("callers", [Places.Described(500, ordinal: 5) with { InstanceId = "c5" }]);

        var after = mesh.Catalog().Endpoints.Current.Usable;
        Assert.NotEqual(before, after);
        Assert.Equal(NearestEndpoints.Of(mesh.Catalog().Endpoints.Current.All, Places.Caller(5), 32), after);
    }

    private static MeshFixture InZone(string zone, string policy, Action<ServiceOptions>? configure = null) => new(options =>
    {
        options.Service.Zone = zone;
        options.Services[Fleet.Name] = Fleet.Options(0, s =>
        {
            s.LoadBalancing.Policy = policy;
            s.CircuitBreaker.Enabled = false;
            configure?.Invoke(s);
        });
    });

    private static EndpointDescription[] Zone(string zone, int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => TestSource.Endpoint($"http://10.0.0.{i}") with
        {
            InstanceId = "i" + i,
            Zone = zone,
        })];

    private static void Publish(MeshFixture mesh, EndpointDescription[] endpoints) => mesh.Catalog().Publish("test", endpoints);
}
