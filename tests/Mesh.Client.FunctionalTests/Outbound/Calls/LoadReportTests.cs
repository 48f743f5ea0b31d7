using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>Servers say with each answer how much they have to do, and callers go where there is least.</summary>
public sealed class LoadReportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_says_how_many_other_requests_have_no_answer_yet()
    {
        await using var server = await MeshServer.StartAsync("orders", Map);
        using var http = Caller(server);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Assert.Equal(0, (await ReportAsync(http)).InFlight);

        // Three that wait, and one whose answer has begun and goes on.
        using var stream = await http.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead, Token);
        var waiting = Enumerable.Range(0, 3).Select(_ => http.GetAsync("/waits", end.Token)).ToList();
        await Patience.UntilAsync(async () => (await ReportAsync(http)).InFlight == 3, "three requests are under way");

        await end.CancelAsync();
        await Task.WhenAll(waiting.Select(w => Assert.ThrowsAnyAsync<OperationCanceledException>(() => w)));
        await Patience.UntilAsync(async () => (await ReportAsync(http)).InFlight == 0, "none is under way");
    }

    [Fact]
    public async Task Caller_avoids_the_server_that_others_keep_busy()
    {
        await using var busy = await MeshServer.StartAsync("orders", Map);
        await using var idle = await MeshServer.StartAsync("orders", Map);
        await using var app = new MeshApplication(Settings.Service("orders", busy.Url, idle.Url));
        using var client = app.Client();
        using var others = Caller(busy);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = Enumerable.Range(0, 20).Select(_ => others.GetAsync("/waits", end.Token)).ToList();
        await Patience.UntilAsync(() => busy.Requests == 20, "the server is busy");

        for (var i = 0; i < 100; i++)
        {
            (await client.GetAsync("http://orders/", Token)).Dispose();
        }

        // A look now and then. By what this caller sees itself both are equal: each answers at once.
        Assert.InRange(busy.Requests - 20, 1, 20);
        await end.CancelAsync();
        await Task.WhenAll(waiting.Select(w => Assert.ThrowsAnyAsync<OperationCanceledException>(() => w)));
    }

    [Fact]
    public async Task Caller_takes_the_header_off_so_that_nobody_passes_it_on_as_his_own()
    {
        await using var server = await MeshServer.StartAsync("orders", Map);
        await using var app = new MeshApplication(Settings.Service("orders", server.Url));
        using var client = app.Client();
        server.Drain();

        using var response = await client.GetAsync("http://orders/", Token);

        Assert.True(Assert.Single(app.State("orders").Endpoints.Current.All).Load.Reports);
        Assert.True(Assert.Single(app.State("orders").Endpoints.Current.All).IsDraining);
        Assert.DoesNotContain(response.Headers, h => h.Key.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Caller_forgets_a_report_when_the_server_says_nothing_any_more_or_nonsense()
    {
        string? says = "rif=5,st=10";
        await using var server = await TestServer.StartAsync(context =>
        {
            if (says is not null)
            {
                context.Response.Headers["mesh-load"] = says;
            }

            return context.Response.WriteAsync("hello");
        });
        await using var app = new MeshApplication(Settings.Service("orders", server.Url));
        using var client = app.Client();

        Assert.True(await ReportsAsync());
        says = null;
        Assert.False(await ReportsAsync());
        says = "rif=5,st=10";
        Assert.True(await ReportsAsync());
        says = "rif=-5,st=lots";
        Assert.False(await ReportsAsync());

        async Task<bool> ReportsAsync()
        {
            (await client.GetAsync("http://orders/", Token)).Dispose();
            return Assert.Single(app.State("orders").Endpoints.Current.All).Load.Reports;
        }
    }

    private static void Map(WebApplication application)
    {
        application.MapGet("/", () => "hello");
        application.MapGet("/waits", context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted));
        application.MapGet("/stream", async context =>
        {
            await context.Response.Body.FlushAsync();
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        });
    }

    /// <summary>Any client that names itself.</summary>
    private static HttpClient Caller(MeshServer server)
    {
        var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        http.DefaultRequestHeaders.Add("mesh-caller", "web;1.0");
        return http;
    }

    private static async Task<LoadReport> ReportAsync(HttpClient http)
    {
        using var response = await http.GetAsync("/", Token);
        Assert.True(LoadReport.TryParse(Assert.Single(response.Headers.GetValues("mesh-load")), out var report));
        return report;
    }
}
