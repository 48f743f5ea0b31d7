using System.Net;
using Mesh.Client.FunctionalTests.Recipes;
using Mesh.Client.FunctionalTests.UserCode;
using Mesh.Client.Inbound;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace Mesh.Client.FunctionalTests.Inbound;

/// <summary>An application with everything that may answer a request, and a probe in both places of the server half.</summary>
internal sealed class PlacesServer : IAsyncDisposable
{
    /// <summary>A file beside the tests, which static files serve.</summary>
    public const string File = "/Mesh.Client.FunctionalTests.runtimeconfig.json";

    private readonly WebApplication _application;
    private readonly bool _inMemory;

    private PlacesServer(WebApplication application, EndpointProbe probe, bool inMemory)
    {
        _application = application;
        _inMemory = inMemory;
        AtEndpoint = probe;
        Outermost = new OutermostProbe(application.Services);
    }

    public EndpointProbe AtEndpoint { get; }

    public OutermostProbe Outermost { get; }

    public Uri Url => _inMemory ? new Uri("http://localhost") : new Uri(_application.Urls.Single());

    /// <param name="inMemory">Whether the server is that of <c>Microsoft.AspNetCore.TestHost</c>.</param>
    /// <param name="protocols">The versions of HTTP it speaks.</param>
    /// <param name="proxied">Where its gateway leads.</param>
    public static async Task<PlacesServer> StartAsync(
        bool inMemory, HttpProtocols protocols = HttpProtocols.Http1, string proxied = "http://127.0.0.1:9")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (inMemory)
        {
            builder.WebHost.UseTestServer();
        }
        else
        {
            builder.WebHost.ConfigureKestrel(
                kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        }

        var probe = new EndpointProbe();
        builder.Services.AddMesh();
        builder.Services.AddSingleton<IEndpointStep>(probe).AddHttpContextAccessor().AddAuthorization().AddGrpc();
        builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("header", null);
        builder.Services.AddControllers();
        builder.Services.AddSignalR();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "all", Match = new() { Path = "/proxied/{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "all",
                    Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = proxied } },
                },
            ]);
        var application = builder.Build();
        AddMiddleware(application);
        AddEndpoints(application);
        await application.StartAsync();
        return new PlacesServer(application, probe, inMemory);
    }

    public HttpMessageHandler CreateHandler() => _inMemory ? _application.GetTestServer().CreateHandler() : new SocketsHttpHandler();

    /// <summary>For clients that bring no sockets of their own; null where the server is real.</summary>
    public WebSocketClient? CreateSockets() => _inMemory ? _application.GetTestServer().CreateWebSocketClient() : null;

    public async ValueTask DisposeAsync()
    {
        Outermost.Dispose();
        await _application.DisposeAsync();
    }

    private static void AddMiddleware(WebApplication application)
    {
        application.UseExceptionHandler("/error");
        application.UseStatusCodePagesWithReExecute("/status/{0}");
        application.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory) });
        application.Use(static (context, next) => context.Request.Path == "/terminated" ? Answer(context) : next(context));
        application.Map("/branch", static branch => branch.Run(Answer));
        application.Map("/routed", static branch => branch.UseRouting().UseEndpoints(static routes => routes.MapGet("/inner", Answer)));
    }

    private static void AddEndpoints(WebApplication application)
    {
        application.MapGet("/minimal", (HttpContext context) => EndpointProbe.Describe(context, context.GetEndpoint()))
            .RequireAuthorization();
        application.MapGet("/anonymous", Answer).RequireAuthorization().AllowAnonymous();
        application.MapGet("/short", Answer).ShortCircuit();
        application.MapPost("/posts", Answer);
        application.MapGet("/missing", static () => TypedResults.NotFound());
        application.MapGet("/throws", static Task (_) => throw new InvalidOperationException());
        application.Map("/error", Answer);
        application.Map("/status/{code}", Answer);
        application.MapControllers();
        application.MapGrpcService<GreeterService>();
        application.MapHub<SignalRRecipeTests.GreetingHub>("/hub");
        application.MapReverseProxy();
    }

    private static Task Answer(HttpContext context) =>
        context.Response.WriteAsync(EndpointProbe.Describe(context, context.GetEndpoint()));
}
