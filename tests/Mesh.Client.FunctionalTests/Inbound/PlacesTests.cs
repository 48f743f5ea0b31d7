using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.FunctionalTests.UserCode;
using Mesh.Client.Inbound;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using KestrelServer = Mesh.Client.FunctionalTests.Servers.TestServer;

namespace Mesh.Client.FunctionalTests.Inbound;

/// <summary>What the two places of the server half see: the table of its README.</summary>
public sealed class PlacesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Path, user, status, and the runs of the second place: endpoint and user.</summary>
    public static TheoryData<bool, string, string?, int, string[]> Requests { get; } = Build(
        ("/minimal", "alice", 200, ["/minimal alice"]),
        ("/controller", "alice", 200, ["controller alice"]),
        ("/anonymous", "alice", 200, ["/anonymous alice"]),
        ("/anonymous", null, 200, ["/anonymous nobody"]),
        ("/short", "alice", 200, ["/short nobody"]),
        ("/branch", "alice", 200, []),
        ("/routed/inner", "alice", 200, ["/inner alice"]),
        (PlacesServer.File, "alice", 200, []),
        ("/terminated", "alice", 200, []),
        ("/nowhere", "alice", 404, ["/status/{code} alice"]),
        ("/missing", "alice", 404, ["/missing alice", "/status/{code} alice"]),
        ("/throws", "alice", 500, ["/throws alice", "/error alice"]),

        ("/posts", "alice", 405, ["405 HTTP Method Not Supported alice", "/status/{code} alice"]),

        // Refused by the application's authorization, which knows the endpoint by its metadata.
        ("/minimal", null, 401, []));

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_is_seen_once_outermost_and_at_each_endpoint_that_is_executed(
        bool inMemory, string path, string? user, int status, string[] seen)
    {
        await using var server = await PlacesServer.StartAsync(inMemory);

        // The second request finds what the first one has left.
        for (var i = 1; i <= 2; i++)
        {
            using var response = await SendAsync(server, path, user);

            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal(Enumerable.Repeat($"{path}: no endpoint nobody", i), server.Outermost.Seen);
            Assert.Equal(Enumerable.Repeat(seen, i).SelectMany(static runs => runs), server.AtEndpoint.Seen);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Gateway_request_is_seen_at_its_route(bool inMemory)
    {
        await using var behind = await KestrelServer.StartAsync("behind");
        await using var server = await PlacesServer.StartAsync(inMemory, proxied: behind.Url);

        using var response = await SendAsync(server, "/proxied/one", "alice");

        Assert.Equal("behind", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(["/proxied/one: no endpoint nobody"], server.Outermost.Seen);
        Assert.Equal(["/proxied/{**rest} alice"], server.AtEndpoint.Seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Grpc_call_is_seen_at_its_method(bool inMemory)
    {
        await using var server = await PlacesServer.StartAsync(inMemory, HttpProtocols.Http2);
        using var handler = server.CreateHandler();
        using var channel = GrpcChannel.ForAddress(server.Url, new GrpcChannelOptions { HttpHandler = handler });

        var reply = await new Greeter.GreeterClient(channel).GreetAsync(
            new GreetRequest { Name = "Ada" }, new Metadata { { HeaderAuthentication.Header, "alice" } }, cancellationToken: Token);

        Assert.Equal("Hello Ada", reply.Text);
        Assert.Equal(["/greeter.Greeter/Greet: no endpoint nobody"], server.Outermost.Seen);
        Assert.Equal(["/greeter.Greeter/Greet alice"], server.AtEndpoint.Seen);
    }

    /// <summary>The connection is a request, and what it carries is none.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hub_is_seen_when_it_is_connected_and_not_when_it_is_called(bool inMemory)
    {
        await using var server = await PlacesServer.StartAsync(inMemory);
        await using var hub = Connect(server);
        await hub.StartAsync(Token);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("hello mesh", await hub.InvokeAsync<string>("Greet", "mesh", Token));
        }

        Assert.Equal(["/hub/negotiate: no endpoint nobody", "/hub: no endpoint nobody"], server.Outermost.Seen);
        Assert.Equal(["/hub/negotiate alice", "/hub alice"], server.AtEndpoint.Seen);
    }

    /// <summary>So that a request allocates none.</summary>
    [Fact]
    public async Task Connection_has_one_feature_for_all_its_requests()
    {
        var seen = new ConcurrentQueue<IEndpointFeature?>();
        await using var server = await MeshServer.StartAsync(
            "orders",
            application => application.Run(context =>
            {
                seen.Enqueue(context.Features.Get<IEndpointFeature>());
                return Task.CompletedTask;
            }),
            services: static services => services.AddSingleton<IEndpointStep, EndpointProbe>());
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });

        for (var i = 0; i < 3; i++)
        {
            using var response = await http.GetAsync(new Uri(server.Url), Token);
        }

        Assert.Equal(3, seen.Count);
        Assert.IsType<WatchedEndpoint>(Assert.Single(seen.Distinct()));
    }

    private static HubConnection Connect(PlacesServer server) => new HubConnectionBuilder()
        .WithUrl(new Uri(server.Url, "/hub"), HttpTransportType.WebSockets, options =>
        {
            options.Headers[HeaderAuthentication.Header] = "alice";
            if (server.CreateSockets() is { } sockets)
            {
                sockets.ConfigureRequest = static request => request.Headers[HeaderAuthentication.Header] = "alice";
                options.HttpMessageHandlerFactory = _ => server.CreateHandler();
                options.WebSocketFactory = async (context, token) => await sockets.ConnectAsync(context.Uri, token);
            }
        })
        .Build();

    private static async Task<HttpResponseMessage> SendAsync(PlacesServer server, string path, string? user)
    {
        using var http = new HttpClient(server.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, path));
        if (user is not null)
        {
            request.Headers.Add(HeaderAuthentication.Header, user);
        }

        return await http.SendAsync(request, Token);
    }

    /// <summary>Each on Kestrel and in memory.</summary>
    private static TheoryData<bool, string, string?, int, string[]> Build(
        params (string Path, string? User, int Status, string[] Seen)[] requests)
    {
        var data = new TheoryData<bool, string, string?, int, string[]>();
        foreach (var (path, user, status, seen) in requests)
        {
            data.Add(false, path, user, status, seen);
            data.Add(true, path, user, status, seen);
        }

        return data;
    }
}
