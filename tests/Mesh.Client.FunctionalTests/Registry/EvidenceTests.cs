using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>What connections show counts before what a slow registry says, both ways; and without any
/// registry there is what was remembered.</summary>
public sealed class EvidenceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_that_is_refused_makes_the_registry_be_asked_at_once()
    {
        using var dead = new DeadEndpoint();
        await using var alive = await TestServer.StartAsync("alive");
        await using var registry = await Security.ScriptedRegistry.StartAsync(
            Security.ScriptedRegistry.Instance("a", "127.0.0.1", Port(dead.Url)));
        await using var application = new MeshApplication(
            Settings.Registry(registry.Url).With("Discovery:Eureka:FetchInterval", TimeSpan.FromHours(1)));
        var client = application.Client();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri("http://orders/"), Token));

        // The next regular fetch is an hour away.
        registry.List(Security.ScriptedRegistry.Instance("b", "127.0.0.1", alive.Address.Port));
        await Patience.UntilAsync(
            async () =>
            {
                try
                {
                    return await client.GetStringAsync(new Uri("http://orders/"), Token) == "alive";
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the new instance is called");
    }

    [Fact]
    public async Task Restarted_server_is_called_again_although_its_source_hears_of_nothing()
    {
        await using var first = await StartAsync(port: 0);
        var second = await StartAsync(port: 0);
        await using var application = new MeshApplication(
            Settings.Service("orders", first.Url, second.Url).With("Defaults:LoadBalancing:Policy", "RoundRobin"));
        var client = application.Client();
        second.Drain();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("ok", await client.GetStringAsync(new Uri("http://orders/"), Token));
        }

        Assert.Single(application.State("orders").Endpoints.Current.Draining);
        var port = second.Port;
        await second.DisposeAsync();
        await using var again = await StartAsync(port);

        // No call fails while it is found out.
        await Patience.UntilAsync(
            async () =>
            {
                Assert.Equal("ok", await client.GetStringAsync(new Uri("http://orders/"), Token));
                return again.Requests > 5;
            },
            "the restarted server gets its share");
        Assert.Empty(application.State("orders").Endpoints.Current.Draining);
    }

    [Fact]
    public async Task Application_starts_and_routes_from_its_snapshot_while_every_registry_is_down()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-snapshot-").FullName;
        try
        {
            var file = Path.Combine(folder, "registry.json");
            await using var registry = await RegistryServer.StartAsync();
            await using var instance = await MeshInstance.StartAsync("catalog", registry.Url);
            await registry.UntilUpAsync("catalog", 1);
            var settings = Settings.Registry(registry.Url).With("Discovery:SnapshotFile", file);
            await using (var before = new MeshApplication(settings))
            {
                Assert.Equal("hello", await before.Client().GetStringAsync(new Uri("http://catalog/"), Token));
                await Patience.UntilAsync(() => File.Exists(file), "the snapshot is written");
            }

            await registry.KillAsync();
            await using var application = new MeshApplication(settings);

            Assert.Equal("hello", await application.Client().GetStringAsync(new Uri("http://catalog/"), Token));
            await Patience.UntilAsync(() => application.Count(2140) == 1, "it says that it uses the snapshot");

            await registry.RestartAsync();
            await Patience.UntilAsync(() => application.Count(2101) > 0, "the registry is back");
            Assert.Equal("hello", await application.Client().GetStringAsync(new Uri("http://catalog/"), Token));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Port(string url) => new Uri(url).Port;

    private static Task<MeshServer> StartAsync(int port) =>
        MeshServer.StartAsync("orders", application => application.Run(context => context.Response.WriteAsync("ok")), port: port);
}
