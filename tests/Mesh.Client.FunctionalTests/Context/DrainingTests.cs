using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Context;

/// <summary>Servers that leave say so in their answers; callers go at once, whatever their source of endpoints still says.</summary>
public sealed class DrainingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Callers_leave_with_the_next_answer(HttpProtocols protocols)
    {
        await using var fleet = await Fleet.StartAsync(protocols);
        await using var application = new MeshApplication(fleet.Settings);
        await fleet.CallAsync(application, 60);
        Assert.All(fleet.Servers, server => Assert.True(server.Requests > 0));

        var before = fleet.Servers[1].Requests;
        fleet.Servers[1].Drain();
        await fleet.CallAsync(application, 60);

        Assert.Equal(before + 1, fleet.Servers[1].Requests);
        Assert.Equal(1, application.Count(1203));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Rolling_restart_behind_a_source_that_hears_of_nothing_loses_no_call(HttpProtocols protocols)
    {
        await using var fleet = await Fleet.StartAsync(protocols);
        await using var application = new MeshApplication(fleet.Settings);
        await fleet.CallAsync(application, 30);

        for (var i = 0; i < fleet.Servers.Count; i++)
        {
            fleet.Servers[i].Drain();
            await fleet.CallAsync(application, 30);
            var last = fleet.Servers[i].Requests;
            await fleet.CallAsync(application, 10);
            Assert.Equal(last, fleet.Servers[i].Requests);
            await fleet.RestartAsync(i);
            await fleet.CallAsync(application, 30);
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Server_that_is_gone_beside_those_that_leave_takes_no_call(HttpProtocols protocols)
    {
        await using var fleet = await Fleet.StartAsync(protocols);
        await using var application = new MeshApplication(fleet.Settings);
        fleet.Servers[1].Drain();
        fleet.Servers[2].Drain();
        await fleet.CallAsync(application, 30);
        await fleet.LoseAsync(0);

        // A POST on a connection that was not seen to end yet might have been processed.
        await fleet.CallAsync(application, 60, HttpMethod.Get);
    }

    [Fact]
    public async Task Server_that_hangs_beside_one_that_leaves_costs_no_read()
    {
        using var hangs = new ManualResetEventSlim();
        await using var stays = await TestServer.StartAsync(async context =>
        {
            if (hangs.IsSet)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            }

            await context.Response.WriteAsync("stays");
        });
        await using var leaves = await TestServer.StartAsync(context =>
        {
            context.Response.Headers["mesh-draining"] = "1";
            return context.Response.WriteAsync("leaves");
        });
        await using var application = new MeshApplication(Settings.Service("shop", stays.Url, leaves.Url));
        var client = application.Client();
        for (var i = 0; i < 200; i++)
        {
            Assert.NotEmpty(await client.GetStringAsync(new Uri("http://shop/"), Token));
        }

        hangs.Set();
        await Parallel.ForAsync(
            0, 100, Token, async (_, token) => Assert.Equal("leaves", await client.GetStringAsync(new Uri("http://shop/"), token)));
    }

    private sealed class Fleet(HttpProtocols protocols) : IAsyncDisposable
    {
        public List<MeshServer> Servers { get; } = [];

        // In turn, so that each server is certain to be called.
        public Settings Settings =>
            Settings.Service("orders", [.. Servers.Select(server => server.Url)]).With("Defaults:LoadBalancing:Policy", "RoundRobin");

        public static async Task<Fleet> StartAsync(HttpProtocols protocols)
        {
            var fleet = new Fleet(protocols);
            for (var i = 0; i < 3; i++)
            {
                fleet.Servers.Add(await fleet.StartAsync(port: 0));
            }

            return fleet;
        }

        /// <summary>Stops it as a host does, and starts a new one in its place.</summary>
        public async Task RestartAsync(int index)
        {
            var port = Servers[index].Port;
            await Servers[index].DisposeAsync();
            Servers[index] = await StartAsync(port);
        }

        public async Task LoseAsync(int index)
        {
            await using var gone = Servers[index];
            Servers.RemoveAt(index);
        }

        /// <summary>POSTs: what is lost is not repeated.</summary>
        public Task CallAsync(MeshApplication application, int count) => CallAsync(application, count, HttpMethod.Post);

        public async Task CallAsync(MeshApplication application, int count, HttpMethod method)
        {
            var client = application.Client();
            for (var i = 0; i < count; i++)
            {
                using var request = new HttpRequestMessage(method, "http://orders/")
                {
                    Version = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                };
                using var response = await client.SendAsync(request, Token);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var server in Servers)
            {
                await server.DisposeAsync();
            }
        }

        private Task<MeshServer> StartAsync(int port) => MeshServer.StartAsync(
            "orders",
            application => application.Run(context => context.Response.WriteAsync("ok")),
            protocols: protocols,
            port: port);
    }
}
