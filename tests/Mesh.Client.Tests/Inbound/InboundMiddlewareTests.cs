using System.Net;
using Mesh.Client.DependencyInjection;
using Mesh.Client.Registration;
using Mesh.Client.Tests.Eureka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Inbound;

public class InboundMiddlewareTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Invoke_tells_mesh_callers_and_closes_kept_connections_while_draining(bool draining, bool fromTheMesh)
    {
        await using var app = await ServeAsync(HttpProtocols.Http1);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        if (draining)
        {
            app.Services.GetRequiredService<DrainState>().Begin();
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (fromTheMesh)
        {
            request.Headers.Add("mesh-caller", "web;1.0");
        }

        using var response = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(fromTheMesh, app.Services.GetRequiredService<DrainState>().HasCallers);
        Assert.Equal(draining, response.Headers.ConnectionClose == true);
        Assert.Equal(draining && fromTheMesh ? ["1"] : [], response.Headers.TryGetValues("mesh-draining", out var values) ? values : []);
    }

    [Fact]
    public async Task Invoke_sends_mesh_callers_elsewhere_while_it_is_not_ready_and_keeps_connections()
    {
        await using var app = await ServeAsync(HttpProtocols.Http1);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        app.Services.GetRequiredService<DrainState>().IsWarmingUp = true;
        http.DefaultRequestHeaders.Add("mesh-caller", "web;1.0");
        using (var early = await http.GetAsync("/", Token))
        {
            Assert.Equal(["starting"], early.Headers.GetValues("mesh-draining"));
            Assert.NotEqual(true, early.Headers.ConnectionClose);
        }

        app.Services.GetRequiredService<DrainState>().IsWarmingUp = false;
        using var ready = await http.GetAsync("/", Token);

        Assert.False(ready.Headers.Contains("mesh-draining"));
    }

    [Fact]
    public async Task Invoke_connection_kept_from_before_is_closed_with_its_next_answer()
    {
        await using var app = await ServeAsync(HttpProtocols.Http1);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var first = await http.GetStringAsync("/connection", Token);
        var second = await http.GetStringAsync("/connection", Token);
        Assert.Equal(first, second);

        app.Services.GetRequiredService<DrainState>().Begin();
        Assert.Equal(first, await http.GetStringAsync("/connection", Token));

        Assert.NotEqual(first, await http.GetStringAsync("/connection", Token));
    }

    [Fact]
    public async Task Invoke_HTTP2_connection_is_closed_and_the_client_goes_on_with_a_new_one()
    {
        await using var app = await ServeAsync(HttpProtocols.Http2);
        using var http = new HttpClient
        {
            BaseAddress = new Uri(app.Urls.Single()),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var first = await http.GetStringAsync("/connection", Token);
        Assert.Equal(first, await http.GetStringAsync("/connection", Token));

        app.Services.GetRequiredService<DrainState>().Begin();
        Assert.Equal(first, await http.GetStringAsync("/connection", Token));
        var closed = app.Services.GetRequiredService<ConnectionLog>();
        await Patience.For(closed.ClosedAsync(first), "the end of the first connection");

        Assert.NotEqual(first, await http.GetStringAsync("/connection", Token));
    }

    [Fact]
    public async Task Invoke_header_survives_an_error_handler_that_clears_the_answer()
    {
        await using var app = await ServeAsync(HttpProtocols.Http1);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        http.DefaultRequestHeaders.Add("mesh-caller", "web;1.0");
        app.Services.GetRequiredService<DrainState>().Begin();

        using var response = await http.GetAsync("/fails", Token);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(["1"], response.Headers.GetValues("mesh-draining"));
    }

    [Theory]
    [InlineData("/", true, true)]
    [InlineData("/", false, false)]
    [InlineData("/missing", true, true)]
    public async Task Invoke_tells_mesh_callers_how_much_there_is_to_do(string path, bool fromTheMesh, bool told)
    {
        await using var app = await ServeAsync(HttpProtocols.Http1);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        if (fromTheMesh)
        {
            http.DefaultRequestHeaders.Add("mesh-caller", "web;1.0");
        }

        using var response = await http.GetAsync(path, Token);

        Assert.Equal(told, response.Headers.Contains("mesh-load"));
    }

    [Fact]
    public async Task Invoke_load_survives_an_error_handler_that_clears_the_answer()
    {
        await using var app = await ServeAsync(HttpProtocols.Http1);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        http.DefaultRequestHeaders.Add("mesh-caller", "web;1.0");

        // An error says nothing about how long work takes: alone it is no report.
        using var first = await http.GetAsync("/fails", Token);
        Assert.False(first.Headers.Contains("mesh-load"));
        (await http.GetAsync("/", Token)).Dispose();

        using var second = await http.GetAsync("/fails", Token);

        Assert.Equal(HttpStatusCode.InternalServerError, second.StatusCode);
        Assert.StartsWith("rif=0,st=", Assert.Single(second.Headers.GetValues("mesh-load")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filter_is_outside_of_filters_that_were_registered_before()
    {
        await using var app = await ServeAsync(HttpProtocols.Http1, services => services.AddSingleton<IStartupFilter, RefusingFilter>());
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        http.DefaultRequestHeaders.Add("mesh-caller", "web;1.0");
        app.Services.GetRequiredService<DrainState>().Begin();

        using var response = await http.GetAsync("/", Token);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(["1"], response.Headers.GetValues("mesh-draining"));
    }

    private static async Task<WebApplication> ServeAsync(HttpProtocols protocols, Action<IServiceCollection>? before = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var connections = new ConnectionLog();
        builder.Services.AddSingleton(connections);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            listen.Use(connections.Watch);
        }));
        before?.Invoke(builder.Services);
        builder.Services.AddMesh();
        builder.Services.AddMeshLifecycle();
        var app = builder.Build();
        app.UseExceptionHandler(error => error.Run(context => context.Response.WriteAsync("sorry")));
        app.Map("/fails", _ => throw new InvalidOperationException("fails"));
        app.Map("/connection", context => context.Response.WriteAsync(context.Connection.Id));
        app.Map("/", context => context.Response.WriteAsync("hello"));
        await app.StartAsync(Token);
        return app;
    }

    private sealed class RefusingFilter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app => app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
    }
}
