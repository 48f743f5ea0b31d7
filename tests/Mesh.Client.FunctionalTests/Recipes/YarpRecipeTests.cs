using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Snippets;
using KestrelServer = Mesh.Client.FunctionalTests.Servers.TestServer;

namespace Mesh.Client.FunctionalTests.Recipes;

/// <summary>The recipe of <c>docs/yarp.md</c>.</summary>
public sealed class YarpRecipeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gateway_reaches_a_service_of_the_mesh_past_a_dead_instance()
    {
        await using var first = await KestrelServer.StartAsync(AnswerAsync);
        await using var second = await KestrelServer.StartAsync(AnswerAsync);
        using var dead = new DeadEndpoint();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Configuration.AddInMemoryCollection(Settings.Service("catalog", dead.Url, first.Url, second.Url));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:catalog:ClusterId"] = "catalog",
            ["ReverseProxy:Routes:catalog:Match:Path"] = "/{**rest}",
            ["ReverseProxy:Clusters:catalog:Destinations:mesh:Address"] = "http://catalog/",
        });
        YarpSnippets.Gateway(builder);
        await using var gateway = builder.Build();
        gateway.MapReverseProxy();
        await gateway.StartAsync(Token);
        using var http = gateway.GetTestClient();

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("GET /products/1 ", await http.GetStringAsync(new Uri("/products/1", UriKind.Relative), Token));
        }

        using var response = await http.PostAsync(new Uri("/orders", UriKind.Relative), new StringContent("a pair of shoes"), Token);

        Assert.Equal("POST /orders a pair of shoes", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(11, first.Requests + second.Requests);
    }

    /// <summary>What a caller and an instance say to the gateway ends there.</summary>
    [Fact]
    public async Task Gateway_passes_no_header_of_the_mesh_on()
    {
        var seen = new List<string>();
        await using var outside = await KestrelServer.StartAsync(context =>
        {
            seen.AddRange(context.Request.Headers.Keys.Where(name => name.StartsWith("mesh", StringComparison.OrdinalIgnoreCase)));
            context.Response.Headers["mesh-draining"] = "1";
            context.Response.Headers["mesh-load"] = "rif=1,st=1";
            context.Response.Headers["meshed"] = "1";
            return context.Response.WriteAsync("hello");
        });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:outside:ClusterId"] = "outside",
            ["ReverseProxy:Routes:outside:Match:Path"] = "/{**rest}",
            ["ReverseProxy:Clusters:outside:Destinations:it:Address"] = outside.Url,
        });
        YarpSnippets.Gateway(builder);
        await using var gateway = builder.Build();
        gateway.MapReverseProxy();
        await gateway.StartAsync(Token);
        using var http = gateway.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/")
        {
            Headers = { { "mesh-deadline", "30000" }, { "Mesh-Label-Tenant", "acme" }, { "mesh-caller", "orders" }, { "meshed", "1" } },
        };

        using var response = await http.SendAsync(request, Token);

        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(["meshed"], seen);
        Assert.True(response.Headers.Contains("meshed"));
        Assert.False(response.Headers.Contains("mesh-draining"));
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path} "
            + $"{await reader.ReadToEndAsync(context.RequestAborted)}");
    }
}
