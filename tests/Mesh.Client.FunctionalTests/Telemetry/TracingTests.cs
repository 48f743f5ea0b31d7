using System.Diagnostics;
using System.Text;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>Alone, since sources of activities belong to the process: spans of other tests would be recorded, too.</summary>
[CollectionDefinition(nameof(TracingTests), DisableParallelization = true)]
public sealed class TracingTestsAlone;

[Collection(nameof(TracingTests))]
public sealed class TracingTests
{
    private const string Source = "Mesh.Client.FunctionalTests";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_span_stands_over_one_client_span_per_attempt()
    {
        await using var server = await TestServer.StartAsync("hello");
        using var dead = new DeadEndpoint();
        List<Activity> spans = [];
        await using var application = new MeshApplication(
            Settings.Service("shop", dead.Url, server.Url),
            services => services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(Source).AddHttpClientInstrumentation()
                .AddInMemoryExporter(spans)));
        var provider = application.Services.GetRequiredService<TracerProvider>();
        using var source = new ActivitySource(Source);
        using var root = source.StartActivity("user")!;

        // Until a call needed two attempts. It is the first request to both endpoints, or to one of them.
        var client = application.Client();
        await Patience.UntilAsync(
            async () =>
            {
                await client.GetStringAsync(new Uri("http://shop/items"), Token);
                return spans.Exists(span => span.GetTagItem("http.request.resend_count") is not null && span.Kind == ActivityKind.Internal);
            },
            "a call is repeated");
        provider.ForceFlush();

        var call = spans.First(span => span.Source.Name == "Mesh.Client" && span.GetTagItem("http.request.resend_count") is 1);
        Assert.Equal(ActivityKind.Internal, call.Kind);
        Assert.Equal(root.SpanId, call.ParentSpanId);
        Assert.Equal("shop", call.GetTagItem("mesh.service"));
        Assert.Equal("ok", call.GetTagItem("mesh.outcome"));
        Assert.Equal(200, call.GetTagItem("http.response.status_code"));

        var attempts = spans.Where(span => span.ParentSpanId == call.SpanId).ToList();
        Assert.Equal(2, attempts.Count);
        Assert.All(attempts, attempt =>
        {
            Assert.Equal(ActivityKind.Client, attempt.Kind);
            Assert.Equal("shop", attempt.GetTagItem("server.address"));
            Assert.Equal("http://shop/items", attempt.GetTagItem("url.full"));
        });
        Assert.Equal([dead.Name, server.Name], attempts.Select(attempt => attempt.GetTagItem("mesh.endpoint")));
        Assert.Equal([null, 1], attempts.Select(attempt => attempt.GetTagItem("http.request.resend_count")));
        Assert.Equal(["first", "retry"], attempts.Select(attempt => attempt.GetTagItem("mesh.attempt.reason")));
    }

    [Fact]
    public async Task Every_attempt_carries_its_endpoint_from_the_first_on()
    {
        await using var server = await TestServer.StartAsync("hello");
        List<Activity> spans = [];
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services => services.AddOpenTelemetry().WithTracing(tracing => tracing.AddHttpClientInstrumentation()
                .AddInMemoryExporter(spans)));
        var provider = application.Services.GetRequiredService<TracerProvider>();
        var client = application.Client();

        for (var i = 0; i < 10; i++)
        {
            await client.GetStringAsync(new Uri("http://shop/"), Token);
        }

        provider.ForceFlush();
        var attempts = spans.Where(span => span.Kind == ActivityKind.Client).ToList();
        Assert.Equal(10, attempts.Count);
        Assert.All(attempts, attempt => Assert.Equal(server.Name, attempt.GetTagItem("mesh.endpoint")));
        Assert.True(application.State("shop").Endpoints.Current.All[0].Transport.SendsInPlace);
    }

    [Fact]
    public async Task Trace_context_reaches_the_service()
    {
        await using var server = await TestServer.StartAsync(
            context => context.Response.WriteAsync(context.Request.Headers.TraceParent.ToString()));
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));
        using var root = new Activity("user").Start();

        Assert.Contains(
            root.TraceId.ToString(), await application.Client().GetStringAsync(new Uri("http://shop/"), Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Application_with_an_exporter_of_its_own_exports_the_meshs_spans_and_metrics_once(bool meshFirst)
    {
        await using var server = await TestServer.StartAsync("hello");
        List<(string Path, string Body)> exports = [];
        await using var collector = await TestServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            lock (exports)
            {
                exports.Add((context.Request.Path.Value!, Encoding.Latin1.GetString(body.ToArray())));
            }
        });
        var services = new ServiceCollection();
        services.AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(
            new EditableConfiguration(Settings.Service("shop", server.Url)).Root);
        if (meshFirst)
        {
            services.AddMesh();
        }

        services.AddOpenTelemetry().UseOtlpExporter(OtlpExportProtocol.HttpProtobuf, new Uri(collector.Url)).WithTracing().WithMetrics();
        if (!meshFirst)
        {
            services.AddMesh();
        }

        services.AddHttpClient();
        await using (var provider = services.BuildServiceProvider())
        {
            var tracing = provider.GetRequiredService<TracerProvider>();
            var metrics = provider.GetRequiredService<MeterProvider>();
            await provider.GetRequiredService<IHttpClientFactory>().CreateClient().GetStringAsync(new Uri("http://shop/"), Token);
            Assert.True(tracing.ForceFlush((int)Patience.Limit.TotalMilliseconds));
            Assert.True(metrics.ForceFlush((int)Patience.Limit.TotalMilliseconds));
            lock (exports)
            {
                // A second exporter would send each of them twice.
                Assert.Contains("mesh shop", Assert.Single(exports, export => export.Path == "/v1/traces").Body, StringComparison.Ordinal);
                Assert.Contains(
                    "mesh.client.call.duration",
                    Assert.Single(exports, export => export.Path == "/v1/metrics").Body,
                    StringComparison.Ordinal);
            }
        }
    }
}
