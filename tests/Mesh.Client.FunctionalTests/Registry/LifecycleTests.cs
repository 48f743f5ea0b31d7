using Mesh.Client.FunctionalTests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>Instances come and go, and callers do not notice.</summary>
public sealed class LifecycleTests
{
    private static readonly Uri Catalog = new("http://catalog/");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Instance_is_STARTING_until_its_ready_checks_pass_and_then_gets_calls()
    {
        var ready = false;
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync("catalog", registry.Url, services => services.AddHealthChecks()
            .AddCheck("warm", () => Volatile.Read(ref ready) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(), ["ready"])
            .AddCheck("other", () => HealthCheckResult.Unhealthy()));
        await using var caller = new MeshApplication(Settings.Registry(registry.Url));
        var client = caller.Client();

        await Patience.UntilAsync(
            async () => (await registry.StatusesAsync("catalog")) is ["STARTING"], "the instance is listed as STARTING");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync(new Uri("mesh://catalog/"), Token));
        Assert.Equal(0, instance.Requests);

        // Listed is not yet checked: the checks must have been seen to fail before they pass.
        await Patience.UntilAsync(
            () => instance.Logs.GetSnapshot().Any(record => record.Id.Id == 2210), "the instance says that it is not ready");
        Volatile.Write(ref ready, true);
        await registry.UntilUpAsync("catalog", 1);
        await Patience.UntilAsync(
            async () =>
            {
                try
                {
                    return await client.GetStringAsync(Catalog, Token) == "hello";
                }
                catch (HttpRequestException)
                {
                    // Not fetched yet.
                    return false;
                }
            },
            "the instance is called");
        Assert.Single(instance.Logs.GetSnapshot(), record => record.Id.Id == 2210);
    }

    [Fact]
    public async Task Graceful_stop_and_a_new_instance_under_traffic_fail_no_call()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var first = await MeshInstance.StartAsync("catalog", registry.Url);
        await using var second = await MeshInstance.StartAsync("catalog", registry.Url);
        await registry.UntilUpAsync("catalog", 2);
        await using var caller = new MeshApplication(Settings.Registry(registry.Url));
        await using var traffic = new Traffic(caller.Client(), "http://catalog/");
        await traffic.FlowAsync(200);
        Assert.NotEqual(0, first.Requests);

        await first.StopAsync();
        var answered = first.Requests;
        await traffic.FlowAsync(200);
        Assert.Equal(answered, first.Requests);
        Assert.Equal(["UP"], await registry.StatusesAsync("catalog"));

        await using var third = await MeshInstance.StartAsync("catalog", registry.Url);
        await Patience.UntilAsync(() => third.Requests > 20, "the new instance gets calls");
        await second.StopAsync();
        await traffic.FlowAsync(200);
        await traffic.StopAsync();

        Assert.Empty(traffic.Failures);

        // Each POST was taken, and taken once.
        string[] taken = [.. first.Posts, .. second.Posts, .. third.Posts];
        Assert.Equal(traffic.Posts.Order(), taken.Order());
    }

    [Fact]
    public async Task Registry_killed_and_restarted_empty_under_traffic_fails_no_call_and_gets_everybody_back()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var first = await MeshInstance.StartAsync("catalog", registry.Url);
        await using var second = await MeshInstance.StartAsync("catalog", registry.Url);
        await using var third = await MeshInstance.StartAsync("catalog", registry.Url);
        await registry.UntilUpAsync("catalog", 3);
        await using var caller = new MeshApplication(Settings.Registry(registry.Url));
        await using var traffic = new Traffic(caller.Client(), "http://catalog/");
        await traffic.FlowAsync(200);

        await registry.KillAsync();
        await Patience.UntilAsync(() => caller.Count(2100) > 0, "the caller has noticed");
        await traffic.FlowAsync(400);
        await registry.RestartAsync();
        await registry.UntilUpAsync("catalog", 3);
        await traffic.FlowAsync(400);
        var before = (first.Requests, second.Requests, third.Requests);
        await Patience.UntilAsync(
            () => first.Requests > before.Item1 && second.Requests > before.Item2 && third.Requests > before.Item3,
            "all three get calls");
        await traffic.StopAsync();

        Assert.Empty(traffic.Failures);
        Assert.Equal(traffic.Posts.Order(), first.Posts.Concat(second.Posts).Concat(third.Posts).Order());
        Assert.Equal(1, caller.Count(2100));
        Assert.Equal(1, caller.Count(2101));
    }

    [Fact]
    public async Task Unknown_service_is_an_error_that_names_the_known()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync("catalog", registry.Url);
        await registry.UntilUpAsync("catalog", 1);
        await using var caller = new MeshApplication(Settings.Registry(registry.Url));
        var client = caller.Client();
        Assert.Equal("hello", await client.GetStringAsync(Catalog, Token));

        var strict = await Assert.ThrowsAsync<NoEndpointException>(() => client.GetStringAsync(new Uri("mesh://nope/"), Token));
        var plain = await Assert.ThrowsAsync<HttpRequestException>(
            () => client.GetStringAsync(new Uri("http://nope-nobody-has/"), Token).Soon());

        Assert.Contains("catalog", strict.Message, StringComparison.Ordinal);
        Assert.Contains("catalog", plain.Message, StringComparison.Ordinal);
        Assert.Contains("nope-nobody-has", plain.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_whose_last_instance_left_stays_a_service()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync(
            "catalog", registry.Url, settings: new Settings().With("Lifecycle:DrainDelay", TimeSpan.Zero));
        await registry.UntilUpAsync("catalog", 1);
        await using var caller = new MeshApplication(Settings.Registry(registry.Url));
        var client = caller.Client();
        Assert.Equal("hello", await client.GetStringAsync(Catalog, Token));

        await instance.StopAsync();
        await Patience.UntilAsync(() => caller.State("catalog").Endpoints.Current.All.Length == 0, "the caller knows that it left");

        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => client.GetStringAsync(Catalog, Token));
        Assert.Contains("no instance is up", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_instance_serves_its_callers_until_it_ends_although_the_registry_shows_it_as_down()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync(
            "catalog", registry.Url, settings: new Settings().With("Lifecycle:DrainDelay", TimeSpan.FromSeconds(10)));
        await registry.UntilUpAsync("catalog", 1);

        // Its own interval brings no news within the delay: it asks because of the notice, five seconds after it last did.
        await using var caller = new MeshApplication(
            Settings.Registry(registry.Url).With("Discovery:Eureka:FetchInterval", TimeSpan.FromSeconds(30)));
        var client = caller.Client();
        Assert.Equal("hello", await client.GetStringAsync(Catalog, Token));

        var stopped = instance.StopAsync();
        var afterwards = 0;
        while (afterwards < 100)
        {
            Assert.False(stopped.IsCompleted, "The caller has not read that its only endpoint is DOWN.");
            Assert.Equal("hello", await client.GetStringAsync(Catalog, Token));
            afterwards += caller.State("catalog").Endpoints is var known && known.Current.All is [var last] && known.IsLastResort(last) ? 1 : 0;
        }

        await stopped.Soon();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync(Catalog, Token));
        await using var next = await MeshInstance.StartAsync("catalog", registry.Url);
        await registry.UntilUpAsync("catalog", 1);
        await Patience.UntilAsync(
            async () =>
            {
                try
                {
                    return await client.GetStringAsync(Catalog, Token) == "hello";
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the caller has found the successor");
    }

    [Fact]
    public async Task Application_starts_and_serves_while_the_registry_hangs()
    {
        await using var registry = await TestServer.StartAsync(
            context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted));
        await using var instance = await MeshInstance.StartAsync(
            "catalog",
            registry.Url + "/eureka/",
            settings: new Settings().With("Discovery:StartupWait", TimeSpan.FromMilliseconds(300))
                .With("Discovery:Eureka:RequestTimeout", TimeSpan.FromMinutes(5))).Soon();
        using var client = new HttpClient();

        Assert.Equal("hello", await client.GetStringAsync(new Uri(instance.Url), Token));
        Assert.Single(instance.Logs.GetSnapshot(), record => record.Id.Id == 2200);
        await instance.StopAsync().Soon();
    }
}
