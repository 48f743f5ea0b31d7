using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Context;

/// <summary>T3: the context belongs to one request and ends with it, for everybody who has captured it.</summary>
public sealed class ContextIsolationTests : IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Singleton_loop_started_in_request_has_no_context()
    {
        Task<string>? loop = null;
        await using var server = await MeshServer.StartAsync("orders", context =>
        {
            loop ??= Task.Run(async () =>
            {
                // Started by the first request, it goes on after that one has ended.
                var during = Describe();
                await _ended.Task;
                return during + " then " + Describe();
            });
            return context.Response.WriteAsync(Describe());
        });

        Assert.Equal("shop acme Critical", await CallAsync(server, "acme"));
        await RequestEndedAsync(server);
        _ended.SetResult();

        Assert.EndsWith(" then none none Sheddable", await loop!.Soon(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FireAndForget_after_request_has_no_context()
    {
        Task<string>? forgotten = null;
        await using var backend = await MeshServer.StartAsync("backend", context => context.Response.WriteAsync(
            $"{MeshContext.Caller?.Name} {MeshContext.Criticality} {MeshContext.Labels.Count} "
            + $"{MeshContext.Remaining > TimeSpan.FromSeconds(2)}"));
        await using var server = await MeshServer.StartAsync(
            "orders",
            application => application.MapGet("/", (IHttpClientFactory clients) =>
            {
                forgotten = LaterAsync(clients.CreateClient());
                return Describe();
            }),
            settings: Settings.Service("backend", backend.Url));

        Assert.Equal("shop acme Critical", await CallAsync(server, "acme", deadline: "1000"));
        await RequestEndedAsync(server);
        _ended.SetResult();

        // Background work of this service: its own name, its own time, no labels.
        Assert.Equal("orders Sheddable 0 True", await forgotten!.Soon());

        async Task<string> LaterAsync(HttpClient client)
        {
            Assert.Equal("shop acme Critical", Describe());
            await _ended.Task;
            return await client.GetStringAsync(new Uri("http://backend/"), Token);
        }
    }

    [Fact]
    public async Task Parallel_WhenAll_same_context()
    {
        await using var server = await MeshServer.StartAsync("orders", AnswerAsync);

        using var http = new HttpClient();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => CallAsync(http, server, "t" + i)));

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"shop t{i} Critical"), answers);

        static async Task AnswerAsync(HttpContext context)
        {
            var seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(Describe)));
            await context.Response.WriteAsync(string.Join(",", seen.Distinct()));
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Describe() =>
        $"{MeshContext.Caller?.Name ?? "none"} {MeshContext.Labels.GetValueOrDefault("tenant", "none")} {MeshContext.Criticality}";

    /// <summary>The answer is read before the server's side of the request has ended; the
    /// connection takes the next request only then.</summary>
    private async Task RequestEndedAsync(MeshServer server)
    {
        using var response = await _http.GetAsync(new Uri(server.Url + "/next"), Token);
    }

    private Task<string> CallAsync(MeshServer server, string tenant, string? deadline = null) => CallAsync(_http, server, tenant, deadline);

    private static async Task<string> CallAsync(HttpClient http, MeshServer server, string tenant, string? deadline = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url);
        request.Headers.Add("mesh-caller", "shop");
        request.Headers.Add("mesh-label-tenant", tenant);
        if (deadline is not null)
        {
            request.Headers.Add("mesh-deadline", deadline);
        }

        using var response = await http.SendAsync(request, Token);
        return await response.Content.ReadAsStringAsync(Token);
    }
}
