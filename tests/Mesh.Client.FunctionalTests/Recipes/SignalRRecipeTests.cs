using System.Net.WebSockets;
using System.Text;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Snippets;

namespace Mesh.Client.FunctionalTests.Recipes;

/// <summary>The recipes of <c>docs/signalr.md</c>.</summary>
public sealed class SignalRRecipeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hub_of_a_service_with_two_instances_and_a_dead_one_answers()
    {
        await using var first = await HubAsync();
        await using var second = await HubAsync();
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(
            Settings.Service("notifications", dead.Url, first.Url, second.Url),
            static services => services.AddHttpClient("notifications"));
        var handlers = application.Services.GetRequiredService<IHttpMessageHandlerFactory>();

        for (var i = 0; i < 6; i++)
        {
            await using var hub = SignalRSnippets.Connect(handlers);
            await hub.StartAsync(Token);
            Assert.Equal("hello mesh", await hub.InvokeAsync<string>("Greet", "mesh", Token));
        }

        Assert.True(first.Requests + second.Requests >= 6);
    }

    [Fact]
    public async Task WebSocket_of_a_service_sends_and_receives()
    {
        await using var server = await TestServer.StartAsync(EchoAsync, map: static app => app.UseWebSockets());
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(
            Settings.Service("prices", dead.Url, server.Url),
            static services => services.AddHttpClient("prices"));

        using var socket = await SignalRSnippets.WebSocketAsync(
            application.Services.GetRequiredService<IHttpMessageHandlerFactory>(), Token);
        await socket.SendAsync("42"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Token);
        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer, Token);

        Assert.Equal("42", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    /// <summary>The handshake is a GET over HTTP/1.1, and a CONNECT over HTTP/2.</summary>
    [Theory]
    [InlineData("1.1", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", false)]
    [InlineData("2.0", true)]
    public async Task WebSocket_that_one_instance_does_not_open_is_opened_by_the_other(string version, bool breaks)
    {
        var protocol = version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1;
        await using var bad = await TestServer.StartAsync(
            context =>
            {
                if (breaks)
                {
                    context.Abort();
                }

                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Task.CompletedTask;
            },
            listen => listen.Protocols = protocol);
        await using var good =
            await TestServer.StartAsync(EchoAsync, listen => listen.Protocols = protocol, map: static app => app.UseWebSockets());
        await using var application = new MeshApplication(
            Settings.Service("prices", bad.Url, good.Url).With("Defaults:LoadBalancing:Policy", LoadBalancingPolicies.RoundRobin),
            static services => services.AddHttpClient("prices"));
        using var invoker = new HttpMessageInvoker(
            application.Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("prices"), disposeHandler: false);

        for (var i = 0; i < 6; i++)
        {
            using var socket = new ClientWebSocket();
            socket.Options.HttpVersion = Version.Parse(version);
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            await socket.ConnectAsync(new Uri("ws://prices/live"), invoker, Token);
            Assert.Equal(WebSocketState.Open, socket.State);
        }

        Assert.True(bad.Requests > 0);
    }

    private static Task<TestServer> HubAsync() => TestServer.StartAsync(
        answer: null,
        services: static services => services.AddSignalR(),
        map: static app => app.MapHub<GreetingHub>("/hub"));

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
        await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
    }

    internal sealed class GreetingHub : Hub
    {
        public string Greet(string name) => Context.ConnectionAborted.IsCancellationRequested ? string.Empty : "hello " + name;
    }
}
