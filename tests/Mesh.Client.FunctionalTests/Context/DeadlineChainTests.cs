using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Context;

/// <summary>T38: the deadline that an untrusted caller sends ends its own request, and changes nothing for
/// anybody else, over any number of hops.</summary>
public sealed class DeadlineChainTests
{
    private static readonly TimeSpan Hop = TimeSpan.FromMicroseconds(300);

    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, string> Chains()
    {
        var chains = new TheoryData<int, string>();
        foreach (var hops in new[] { 2, 3, 5, 8 })
        {
            foreach (var handling in new[] { "throw", "500", "502 begun", "503", "503 begun", "504 begun", "late", "grpc", "passed on" })
            {
                chains.Add(hops, handling);
            }
        }

        return chains;
    }

    /// <summary>Time stands still except where a hop takes some: what is left at each hop is as much as can be.</summary>
    [Theory]
    [MemberData(nameof(Chains))]
    public async Task Deadline_that_is_spent_deep_in_a_chain_blames_no_hop(int hops, string handling)
    {
        var servers = new List<MeshServer>();
        try
        {
            for (var hop = hops; hop >= 1; hop--)
            {
                servers.Insert(0, await StartAsync(servers.FirstOrDefault()?.Url, handling));
            }

            using var http = new HttpClient();
            using var request = Request(handling == "grpc", new Uri(servers[0].Url));
            request.Headers.Add("mesh-deadline", "1000");
            var sent = http.SendAsync(request, Token);
            await _arrived.Task.Soon();

            // The last call but one ends; what comes of it must travel back in no time at all.
            _time.Advance(TimeSpan.FromMilliseconds(1000 - (6 * (hops - 1))) - (Hop * (hops - 1)));
            for (var i = 0; i < 20 && !sent.IsCompleted; i++)
            {
                await Patience.PassAsync(TimeSpan.FromMilliseconds(25), Token);
                _time.Advance(TimeSpan.FromMilliseconds(1));
            }

            using var response = await sent.Soon();
            Assert.Equal(handling == "grpc" ? 200 : 499, (int)response.StatusCode);
            foreach (var server in servers)
            {
                Assert.Equal(1, server.Requests);
                AssertUnharmed(server);
            }

            Assert.False(response.Headers.Contains("mesh-outcome"), "It did not name itself.");
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>With the real clock, and nobody trusted: three instances of a service that calls a slow one.</summary>
    [Theory]
    [InlineData("20")]
    [InlineData("40")]
    [InlineData("60")]
    public async Task Users_get_the_same_before_and_after_an_untrusted_caller_in_a_hurry(string deadline)
    {
        await using var slow = await MeshServer.StartAsync(
            "slow",
            async context =>
            {
                await Patience.PassAsync(TimeSpan.FromMilliseconds(100), context.RequestAborted);
                await context.Response.WriteAsync("hello", context.RequestAborted);
            },
            development: false);
        await using var first = await MiddleAsync(slow);
        await using var second = await MiddleAsync(slow);
        await using var third = await MiddleAsync(slow);
        await using var gateway = await MeshServer.StartAsync(
            "gateway", PassOnAsync("http://middle/"), development: false, Settings.Service("middle", first.Url, second.Url, third.Url));

        Assert.Equal(["20 x 200 hello"], await CrowdAsync(gateway, deadline: null));
        for (var i = 0; i < 4; i++)
        {
            var hurried = await CrowdAsync(gateway, deadline);
            Assert.DoesNotContain(hurried, answer => answer.Contains("hello", StringComparison.Ordinal));
        }

        Assert.Equal(["20 x 200 hello"], await CrowdAsync(gateway, deadline: null));
        foreach (var server in new[] { gateway, first, second, third })
        {
            AssertUnharmed(server);
        }
    }

    /// <summary>A client of gRPC that is not on the mesh says its time in its own words.</summary>
    [Theory]
    [InlineData("3S", null, 2_900, 3_000)]
    [InlineData("3000m", "60000", 2_900, 3_000)]
    [InlineData("60S", "3000", 2_900, 3_000)]
    [InlineData("3s", null, 9_000, 10_000)]
    [InlineData("123456789m", null, 9_000, 10_000)]
    [InlineData("0S", null, 9_000, 10_000)]
    [InlineData("-3S", "5000", 4_900, 5_000)]
    public async Task Time_of_a_gRPC_call_is_that_of_the_calls_made_for_it(string timeout, string? deadline, int least, int most)
    {
        string? told = null;
        await using var inner = await MeshServer.StartAsync("inner", context =>
        {
            told = context.Request.Headers["mesh-deadline"];
            return context.Response.WriteAsync("hello", Token);
        });
        await using var server = await MeshServer.StartAsync(
            "outer", app => app.MapPost("/", PassOnAsync("http://inner/")), settings: Settings.Service("inner", inner.Url));
        using var http = new HttpClient();
        using var request = Request(grpc: true, new Uri(server.Url));
        request.Headers.Add("grpc-timeout", timeout);
        if (deadline is not null)
        {
            request.Headers.Add("mesh-deadline", deadline);
        }

        using var response = await http.SendAsync(request, Token).Soon();

        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Token));
        Assert.InRange(int.Parse(told!, CultureInfo.InvariantCulture), least, most);
    }

    private static Task<MeshServer> MiddleAsync(MeshServer slow) =>
        MeshServer.StartAsync("middle", PassOnAsync("http://slow/"), development: false, Settings.Service("slow", slow.Url));

    private static RequestDelegate PassOnAsync(string url) => async context =>
    {
        var http = context.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient();
        await context.Response.WriteAsync(await http.GetStringAsync(new Uri(url), Token), Token);
    };

    private static async Task<IReadOnlyList<string>> CrowdAsync(MeshServer gateway, string? deadline)
    {
        using var http = new HttpClient();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Url);
            if (deadline is not null)
            {
                request.Headers.Add("mesh-deadline", deadline);
            }

            using var response = await http.SendAsync(request, Token);
            return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Token)}";
        }));
        return [.. answers.GroupBy(answer => answer)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} x {group.Key}"))];
    }

    private static void AssertUnharmed(MeshServer server)
    {
        foreach (var service in server.Services.GetRequiredService<ServiceDirectory>().Services)
        {
            Assert.DoesNotContain(service.Endpoints.Current.All, endpoint => endpoint.Health.HasFailures || endpoint.Health.IsEjected);
            Assert.Equal(0, service.Subsets[0].Budget.FailureShare);
            Assert.True(service.Subsets[0].Breaker.IsClosed);
            Assert.Equal(0, service.Endpoints.Current.All.Sum(endpoint => endpoint.Load.InFlight));
        }
    }

    private static HttpRequestMessage Request(bool grpc, Uri url)
    {
        var request = new HttpRequestMessage(grpc ? HttpMethod.Post : HttpMethod.Get, url);
        if (grpc)
        {
            request.Content = new ByteArrayContent([]);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        return request;
    }

    private Task<MeshServer> StartAsync(string? next, string handling) => MeshServer.StartAsync(
        "hop",
        application => application.Map("/", async context =>
        {
            _time.Advance(Hop);
            if (next is null)
            {
                _arrived.TrySetResult();
                await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
            }

            var http = context.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient();
            using var request = Request(handling == "grpc", new Uri("http://next/"));
            try
            {
                using var response = await http.SendAsync(request, Token);
                context.Response.StatusCode = (int)response.StatusCode;
                if (handling == "passed on" || (handling == "grpc" && !response.Headers.Contains("grpc-status")))
                {
                    foreach (var (name, values) in response.Headers.Where(header =>
                        !header.Key.StartsWith("Transfer", StringComparison.Ordinal)))
                    {
                        context.Response.Headers[name] = values.ToArray();
                    }

                    await context.Response.WriteAsync(await response.Content.ReadAsStringAsync(Token), Token);
                    return;
                }

                response.EnsureSuccessStatusCode();
                throw new InvalidOperationException("The callee failed.");
            }
            catch (Exception) when (handling != "throw")
            {
                await HandleAsync(context, handling);
            }
        }),
        development: false,
        next is null ? null : Settings.Service("next", next),
        services => services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, _time));

    /// <summary>What applications make of a failed call.</summary>
    private async Task HandleAsync(HttpContext context, string handling)
    {
        switch (handling)
        {
            case "late":
                _time.Advance(TimeSpan.FromMilliseconds(1));
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                break;
            case "grpc":
                // As Grpc.AspNetCore does where the method throws.
                context.Response.StatusCode = StatusCodes.Status200OK;
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = "2";
                break;
            default:
                context.Response.StatusCode = handling == "passed on"
                    ? 502
                    : int.Parse(handling.AsSpan(0, 3), CultureInfo.InvariantCulture);
                if (handling.EndsWith("begun", StringComparison.Ordinal) || handling == "passed on")
                {
                    await context.Response.WriteAsync("sorry", Token);
                }

                break;
        }
    }
}
