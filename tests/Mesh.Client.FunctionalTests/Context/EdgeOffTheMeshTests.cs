using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Context;

/// <summary>An edge that is not on the mesh copies the headers of strangers, and has a circuit breaker of its own. What a stranger
/// says of its time must not open that for others.</summary>
public sealed class EdgeOffTheMeshTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0", "/work")]
    [InlineData("20", "/slow")]
    [InlineData("20", "/calls")]
    [InlineData("20", "/handled/calls")]
    public async Task Users_get_the_same_before_and_after_a_stranger_in_a_hurry(string deadline, string path)
    {
        await using var backend = await MeshServer.StartAsync("backend", SlowAsync, development: false);
        await using var server = await MeshServer.StartAsync(
            "orders", Map, development: false, Settings.Service("backend", backend.Url));
        await using var edge = await EdgeAsync(server.Url);
        Assert.Equal(["hello"], await CrowdAsync(edge, "/work", deadline: null));

        var hurried = await CrowdAsync(edge, path, deadline);
        Assert.DoesNotContain("hello", hurried);

        Assert.Equal(["hello"], await CrowdAsync(edge, "/work", deadline: null));
        Assert.Equal(["499"], hurried);
    }

    /// <summary>Where networks are listed, strangers cannot even end their own requests.</summary>
    [Fact]
    public async Task Deadline_of_a_stranger_has_no_effect_where_networks_are_listed()
    {
        await using var server = await MeshServer.StartAsync(
            "orders", Map, development: false, new Settings().With("Inbound:TrustedNetworks:0", "10.0.0.0/8"));
        await using var edge = await EdgeAsync(server.Url);

        Assert.Equal(["hello"], await CrowdAsync(edge, "/work", "0"));
    }

    private static void Map(WebApplication application)
    {
        application.UseWhen(
            context => context.Request.Path.StartsWithSegments("/handled"),
            branch => branch.UseExceptionHandler(error => error.Run(context => context.Response.WriteAsync("sorry", Token))));
        application.UseRouting();
        application.Map("/work", context => context.Response.WriteAsync("hello", Token));
        application.Map("/slow", SlowAsync);
        foreach (var prefix in new[] { "", "/handled" })
        {
            application.Map(prefix + "/calls", async (HttpContext context, IHttpClientFactory clients) =>
                await context.Response.WriteAsync(await clients.CreateClient().GetStringAsync(new Uri("http://backend/"), Token), Token));
        }
    }

    private static async Task SlowAsync(HttpContext context)
    {
        await Patience.PassAsync(TimeSpan.FromMilliseconds(200), context.RequestAborted);
        await context.Response.WriteAsync("hello", context.RequestAborted);
    }

    private static async Task<WebApplication> EdgeAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHttpClient("orders", http => http.BaseAddress = new Uri(url)).AddStandardResilienceHandler(options =>
        {
            // The breaker stays as it is, but for how many calls it takes.
            options.CircuitBreaker.MinimumThroughput = 20;
            options.Retry.MaxRetryAttempts = 1;
            options.Retry.Delay = TimeSpan.Zero;
        });
        var edge = builder.Build();
        edge.Run(async context =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, context.Request.Path);
            foreach (var (name, values) in context.Request.Headers.Where(header => header.Key != "Host"))
            {
                request.Headers.Add(name, values.ToArray());
            }

            var http = context.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient("orders");
            using var response = await http.SendAsync(request, Token);
            context.Response.StatusCode = (int)response.StatusCode;
            await context.Response.WriteAsync(await response.Content.ReadAsStringAsync(Token), Token);
        });
        await edge.StartAsync(Token);
        return edge;
    }

    /// <summary>The different answers to 40 requests: the text of good ones, the status of others.</summary>
    private static async Task<IReadOnlyList<string>> CrowdAsync(WebApplication edge, string path, string? deadline)
    {
        using var http = new HttpClient { BaseAddress = new Uri(edge.Urls.Single()) };
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (deadline is not null)
            {
                request.Headers.Add("mesh-deadline", deadline);
            }

            using var response = await http.SendAsync(request, Token);
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(Token) : $"{(int)response.StatusCode}";
        }));
        return [.. answers.Distinct().Order()];
    }
}
