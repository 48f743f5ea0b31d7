using Mesh.Client.FunctionalTests.Servers;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>A service that comes up is called soon, with the intervals that everybody has: a
/// call that misses it asks the registry.</summary>
public sealed class ComingUpTests
{
    private static readonly Uri Catalog = new("http://catalog/");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_service_is_called_long_before_the_next_regular_fetch()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var caller = new MeshApplication(Defaults(registry));
        var client = caller.Client();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync(Catalog, Token));

        await using var instance = await MeshInstance.StartAsync("catalog", registry.Url);
        await registry.UntilUpAsync("catalog", 1);

        // The regular fetch is an hour away.
        await CalledAsync(client);
        Assert.NotEqual(0, instance.Requests);
    }

    [Fact]
    public async Task Restarted_only_instance_is_called_long_before_the_next_regular_fetch()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var first = await MeshInstance.StartAsync("catalog", registry.Url);
        await registry.UntilUpAsync("catalog", 1);
        await using var caller = new MeshApplication(Defaults(registry));
        var client = caller.Client();
        Assert.Equal("hello", await client.GetStringAsync(Catalog, Token));

        await first.StopAsync();
        await Patience.UntilAsync(
            async () =>
            {
                try
                {
                    await client.GetStringAsync(Catalog, Token);
                    return false;
                }
                catch (NoEndpointException)
                {
                    return true;
                }
                catch (HttpRequestException)
                {
                    // Still known, and refused.
                    return false;
                }
            },
            "the caller knows that it is gone");

        await using var second = await MeshInstance.StartAsync("catalog", registry.Url);
        await registry.UntilUpAsync("catalog", 1);
        await CalledAsync(client);
        Assert.NotEqual(0, second.Requests);
    }

    [Fact]
    public async Task Service_that_is_only_STARTING_is_no_host_of_dns()
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync(
            "catalog", registry.Url, settings: new Settings().With("Discovery:Eureka:UpAtStart", "false"));
        await Patience.UntilAsync(
            async () => (await registry.StatusesAsync("catalog")) is ["STARTING"], "the instance is listed as STARTING");
        await using var caller = new MeshApplication(Defaults(registry));

        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => caller.Client().GetStringAsync(Catalog, Token));

        Assert.Contains("its only instance is STARTING", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The name for TLS of an instance that opens no port for it.</summary>
    [Theory]
    [InlineData("false", "STARTING", "its only instance is STARTING")]
    [InlineData("true", "UP", "its only instance is unusable (no usable port for TLS)")]
    public async Task Secure_vip_without_endpoint_is_no_host_of_dns(string upAtStart, string status, string reason)
    {
        await using var registry = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync(
            "catalog",
            registry.Url,
            settings: new Settings()
                .With("Discovery:Eureka:UpAtStart", upAtStart)
                .With("Discovery:Eureka:SecureVipAddress", "catalog-tls"));
        await Patience.UntilAsync(
            async () => await registry.StatusesAsync("catalog") is [var one] && one == status, "the instance is listed as " + status);
        await using var caller = new MeshApplication(Defaults(registry));
        var client = caller.Client();

        foreach (var url in (string[])["http://catalog-tls/", "https://catalog-tls/", "mesh://catalog-tls/"])
        {
            var exception = await Assert.ThrowsAsync<NoEndpointException>(() => client.GetStringAsync(new Uri(url), Token));
            Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The first address was that of another environment. The regular fetch is an hour away.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Registry_that_a_reload_moves_is_read_at_once_and_what_it_lists_counts(bool dead)
    {
        await using var before = await RegistryServer.StartAsync();
        await using var after = await RegistryServer.StartAsync();
        await using var first = await MeshInstance.StartAsync("catalog", before.Url);
        await using var second = await MeshInstance.StartAsync("catalog", after.Url);
        await before.UntilUpAsync("catalog", 1);
        await after.UntilUpAsync("catalog", 1);
        await using var caller = new MeshApplication(Defaults(before));
        var client = caller.Client();
        await CalledAsync(client);
        if (dead)
        {
            await before.KillAsync();
        }

        caller.Save(Defaults(after));
        await Patience.UntilAsync(
            async () =>
            {
                await CalledAsync(client);
                return second.Requests > 0;
            },
            "the instance of the new registry is called");

        var seen = first.Requests;
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("hello", await client.GetStringAsync(Catalog, Token));
        }

        Assert.Equal(seen, first.Requests);
        if (dead)
        {
            await before.RestartAsync();
        }
    }

    private static Settings Defaults(RegistryServer registry) =>
        Settings.Registry(registry.Url)
            .With("Discovery:Eureka:FetchInterval", TimeSpan.FromHours(1))
            .With("Discovery:Eureka:Register", "false");

    private static Task CalledAsync(HttpClient client) => Patience.UntilAsync(
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
        "the service is called");
}
