using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>An endpoint that left keeps its connections until its last request has ended, and not much longer.</summary>
public sealed class RetirementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoint_removed_by_a_reload_finishes_what_is_in_flight_and_closes_its_connections()
    {
        var finish = new TaskCompletionSource();
        await using var leaving = await TestServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/download")
            {
                await context.Response.WriteAsync("beginning ", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await finish.Task.WaitAsync(context.RequestAborted);
            }

            await context.Response.WriteAsync("leaving", context.RequestAborted);
        });
        await using var staying = await TestServer.StartAsync("staying");
        await using var application = new MeshApplication(
            Settings.Service("shop", leaving.Url).With("Services:shop:BodyIdleTimeout", Patience.Limit));
        var client = application.Client();
        using var download = await client.GetAsync(new Uri("http://shop/download"), HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal("leaving", await client.GetStringAsync(new Uri("http://shop/"), Token));
        Assert.Equal(2, leaving.Connections);

        application.Save(Settings.Service("shop", staying.Url).With("Services:shop:BodyIdleTimeout", Patience.Limit));
        await Patience.UntilAsync(
            async () => await client.GetStringAsync(new Uri("http://shop/"), Token) == "staying",
            "the reload is in force");

        // Longer than it takes to look whether the endpoint is still in use.
        await Patience.PassAsync(TimeSpan.FromSeconds(6), Token);
        Assert.NotEqual(0, leaving.Connections);
        finish.SetResult();
        Assert.Equal("beginning leaving", await download.Content.ReadAsStringAsync(Token));
        await Patience.UntilAsync(() => leaving.Connections == 0, "the connections are closed");
    }

    [Fact]
    public async Task Endpoint_whose_connections_were_closed_after_it_was_picked_is_left_for_another()
    {
        await using var first = await TestServer.StartAsync("hello");
        await using var second = await TestServer.StartAsync("hello");
        await using var application = new MeshApplication(
            Settings.Service("shop", first.Url, second.Url).With("Services:shop:LoadBalancing:Policy", "RoundRobin"));
        var client = application.Client();
        for (var i = 0; i < 4; i++)
        {
            await client.GetStringAsync(new Uri("http://shop/"), Token);
        }

        // As if it were retired just now, by a reload that the picks below have not seen yet.
        application.State("shop").Endpoints.Current.All[0].Transport.Dispose();

        for (var i = 0; i < 10; i++)
        {
            using var response = await client.PostAsync(new Uri("http://shop/"), new StringContent("one"), Token);
            Assert.True(response.IsSuccessStatusCode);
        }
    }

    [Fact]
    public async Task Disposing_the_application_closes_all_connections()
    {
        await using var server = await TestServer.StartAsync("hello");
        await using (var application = new MeshApplication(Settings.Service("shop", server.Url)))
        {
            await application.Client().GetStringAsync(new Uri("http://shop/"), Token);
            Assert.Equal(1, server.Connections);
        }

        await Patience.UntilAsync(() => server.Connections == 0, "the connections are closed");
    }
}
