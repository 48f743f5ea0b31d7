using System.IO.Compression;
using System.Text;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>T24, T25: whatever a registry answers, what is known stays known and calls go on.</summary>
public sealed class BadRegistryTests
{
    private static readonly HttpClient Http = new();

    private static readonly Lazy<byte[]> GzipBomb = new(static () =>
    {
        var part = Encoding.ASCII.GetBytes(new string(' ', 1024 * 1024));
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var i = 0; i < 200; i++)
            {
                gzip.Write(part);
            }
        }

        return packed.ToArray();
    });

    private static readonly Lazy<byte[]> CutGzip = new(static () =>
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes("""{"applications":{"versions__delta":"1","apps__hashcode":"","application":[]}}"""));
        }

        return packed.ToArray()[..40];
    });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("html", 2100)]
    [InlineData("drip", 2100)]
    [InlineData("cut gzip", 2100)]
    [InlineData("error", 2100)]
    [InlineData("half", 2100)]
    [InlineData("cut", 2100)]
    [InlineData("null", 2100)]
    [InlineData("huge", 2100)]
    [InlineData("gzip bomb", 2100)]
    [InlineData("deep", 2100)]
    [InlineData("duplicate", 2100)]
    [InlineData("applications", 2100)]
    [InlineData("instances", 2100)]
    [InlineData("values", 2103)]
    [InlineData("empty", 2103)]
    public async Task Bad_answer_changes_nothing_and_is_reported_once(string mode, int eventId)
    {
        var bad = false;
        await using var real = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync("catalog", real.Url);
        await real.UntilUpAsync("catalog", 1);
        await using var registry = await TestServer.StartAsync(
            context => Volatile.Read(ref bad) ? AnswerBadlyAsync(context, mode) : PassOnAsync(context, real));
        var settings = Settings.Registry(registry.Url + "/eureka/");
        if (mode == "drip")
        {
            settings.With("Discovery:Eureka:RequestTimeout", TimeSpan.FromSeconds(2));
        }

        await using var caller = new MeshApplication(settings);
        await using var traffic = new Traffic(caller.Client(), "http://catalog/");
        await traffic.FlowAsync(50);

        Volatile.Write(ref bad, true);
        var before = registry.Requests;
        await Patience.UntilAsync(() => registry.Requests >= before + (mode == "drip" ? 3 : 6), "the caller has asked several times");
        await traffic.FlowAsync(50);
        Volatile.Write(ref bad, false);
        if (eventId == 2100)
        {
            await Patience.UntilAsync(() => caller.Count(2101) > 0, "the caller has recovered");
        }

        await traffic.FlowAsync(50);
        await traffic.StopAsync();

        Assert.Empty(traffic.Failures);
        Assert.Equal(1, caller.Count(eventId));
        Assert.Single(caller.State("catalog").Endpoints.Current.All);
    }

    /// <summary>What is read before it is refused must not cost the application its memory.</summary>
    [Theory]
    [InlineData("gzip bomb")]
    [InlineData("huge")]
    [InlineData("deep")]
    [InlineData("duplicate")]
    [InlineData("applications")]
    [InlineData("instances")]
    [InlineData("values")]
    public async Task T24_bomb_costs_an_application_little_memory(string mode)
    {
        const long Most = 64 * 1024 * 1024;
        var bad = false;
        await using var real = await RegistryServer.StartAsync();
        await using var instance = await MeshInstance.StartAsync("catalog", real.Url);
        await real.UntilUpAsync("catalog", 1);
        await using var registry = await TestServer.StartAsync(
            context => Volatile.Read(ref bad) ? AnswerBadlyAsync(context, mode) : PassOnAsync(context, real));
        using var process = ApplicationProcess.Start("worker", Settings.Registry(registry.Url + "/eureka/"));
        await AskedAsync(5);
        var before = process.MemoryPeak;
        Volatile.Write(ref bad, true);
        await AskedAsync(6);
        var after = process.MemoryPeak;

        Assert.False(process.HasExited);
        Assert.True(after - before < Most, $"The application had {before / 1024} KiB at most before, and {after / 1024} KiB after.");

        Task AskedAsync(int times)
        {
            var known = registry.Requests;
            return Patience.UntilAsync(() => registry.Requests >= known + times, "the application has asked several times");
        }
    }

    private static async Task PassOnAsync(HttpContext context, RegistryServer real)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{real.Port}{context.Request.Path}");
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await Http.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static async Task AnswerBadlyAsync(HttpContext context, string mode)
    {
        const string Half = """{"applications":{"versions__delta":"1","apps__hashcode":"UP_1_","application":[{"name":"CATALOG","instance":[{"instanceId":"127.0""";
        context.Response.ContentType = "application/json";
        switch (mode)
        {
            case "html":
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html><body>Please log in</body></html>", context.RequestAborted);
                break;

            case "drip":
                // Never silent, and never done.
                using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System))
                {
                    while (await timer.WaitForNextTickAsync(context.RequestAborted))
                    {
                        await context.Response.WriteAsync(" ", context.RequestAborted);
                        await context.Response.Body.FlushAsync(context.RequestAborted);
                    }
                }

                break;

            case "cut gzip":
                // The end of the stream, and with it the end of the text, is missing; the connection is fine.
                context.Response.Headers.ContentEncoding = "gzip";
                await context.Response.Body.WriteAsync(CutGzip.Value, context.RequestAborted);
                break;

            case "error":
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                break;

            case "half":
                await context.Response.WriteAsync(Half, context.RequestAborted);
                break;

            case "cut":
                context.Response.ContentLength = 100_000;
                await context.Response.WriteAsync(Half, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                context.Abort();
                break;

            case "null":
                await context.Response.WriteAsync("null", context.RequestAborted);
                break;

            case "huge":
                var part = Encoding.ASCII.GetBytes(new string(' ', 1_000_000));
                await context.Response.WriteAsync("""{"applications":{""", context.RequestAborted);
                for (var i = 0; i < 50; i++)
                {
                    await context.Response.Body.WriteAsync(part, context.RequestAborted);
                }

                break;

            case "gzip bomb":
                // 200 MiB in 200 KiB.
                context.Response.Headers.ContentEncoding = "gzip";
                await context.Response.Body.WriteAsync(GzipBomb.Value, context.RequestAborted);
                break;

            case "deep":
                await context.Response.WriteAsync(new string('[', 1_000_000), context.RequestAborted);
                break;

            case "duplicate":
                await context.Response.WriteAsync(
                    """{"applications":{"application":[],"apps__hashcode":"","application":[]}}""", context.RequestAborted);
                break;

            case "applications":
                await context.Response.WriteAsync(
                    $$$"""{"applications":{"application":[{{{string.Join(',', Enumerable.Repeat("""{"name":"A"}""", 10_001))}}}]}}""",
                        context.RequestAborted);
                break;

            case "instances":
                await context.Response.WriteAsync(
                    $$$"""{"applications":{"application":[{"name":"A","instance":[{{{string.Join(',', Enumerable.Repeat("{}", 100_001))}}}]}]}}""", context.RequestAborted);
                break;

            case "values":
                await context.Response.WriteAsync(
                    $$$"""{"applications":{"application":[],"x":[{{{string.Join(',', Enumerable.Repeat("[]", 2_500_000))}}}]}}""",
                    context.RequestAborted);
                break;

            default:
                await context.Response.WriteAsync(
                    """{"applications":{"versions__delta":"1","apps__hashcode":"","application":[]}}""", context.RequestAborted);
                break;
        }
    }
}
