using System.Net;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>What reaches a collector from an application with <c>ExportTelemetry()</c>.</summary>
[Collection(nameof(TracingTests))]
public sealed class ExportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Application_without_an_exporter_sends_traces_metrics_and_logs()
    {
        await using var shop = await TestServer.StartAsync("hello");
        await using var collector = await OtlpReceiver.StartAsync();
        await using (var web = await MeshServer.StartAsync(
            "web",
            application => application.Run(async context => await context.Response.WriteAsync(
                await context.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient()
                    .GetStringAsync(new Uri("http://shop/items"), context.RequestAborted))),
            settings: Exported(collector).AndService("shop", shop.Url).With("Telemetry:AccessLog", "true").With("Service:Version", "1.2"),
            services: services => services.AddMesh().ExportTelemetry()))
        {
            using var client = new HttpClient();
            Assert.Equal("hello", await client.GetStringAsync(new Uri(web.Url), Token));
            Flush(web.Services);
        }

        Assert.All(collector.Items, item => Assert.Equal("web", item.Service));
        Assert.All(collector.Items, item => Assert.Equal("1.2", item.Resource["service.version"]));
        Assert.All(collector.Items, item => Assert.False(string.IsNullOrEmpty(item.Resource["service.instance.id"])));
        Assert.Equal(["mesh shop"], Names("traces", "Mesh.Client"));
        Assert.Equal(["GET"], Names("traces", "System.Net.Http"));
        Assert.NotEmpty(Names("traces", "Microsoft.AspNetCore"));
        Assert.Superset(
            new HashSet<string>
            {
                "mesh.client.call.duration", "mesh.client.attempts", "mesh.client.active_calls", "mesh.client.endpoints",
                    "mesh.client.circuit.state",
                "mesh.config.generation", "mesh.server.request.duration", "mesh.server.active_requests", "mesh.server.draining",
            },
            Names("metrics", "Mesh.Client").ToHashSet());
        Assert.Contains("http.client.request.duration", Names("metrics", "System.Net.Http"));
        Assert.Contains("http.server.request.duration", Names("metrics", "Microsoft.AspNetCore.Hosting"));
        Assert.Equal(2, Names("logs", "Mesh.Client.Access").Count());
        Assert.Contains(
            Names("logs", "Mesh.Client.Access"),
            line => line.StartsWith($"GET /items of shop at {shop.Name}: 200 after ", StringComparison.Ordinal));

        IEnumerable<string> Names(string kind, string scope) => collector.Of(kind, scope).Select(item => item.Name).Distinct();
    }

    [Fact]
    public async Task Name_for_OpenTelemetry_wins_over_that_of_the_mesh()
    {
        await using var shop = await TestServer.StartAsync("hello");
        await using var collector = await OtlpReceiver.StartAsync();
        var settings = Exported(collector).AndService("shop", shop.Url);
        settings["OTEL_SERVICE_NAME"] = "front";
        await using var application = new MeshApplication(
            settings.With("Service:Name", "web"), services => services.AddMesh().ExportTelemetry().ExportTelemetry());
        Flush(application.Services);
        await application.Client().GetStringAsync(new Uri("http://shop/"), Token);
        Flush(application.Services);

        // Called twice, and sent once.
        Assert.Equal("front", Assert.Single(collector.Of("traces", "Mesh.Client")).Service);
    }

    [Fact]
    public async Task AddMesh_alone_exports_nothing()
    {
        await using var shop = await TestServer.StartAsync("hello");
        await using var collector = await OtlpReceiver.StartAsync();
        await using var application = new MeshApplication(
            Exported(collector).AndService("shop", shop.Url),
            services => services.AddOpenTelemetry().WithTracing().WithMetrics().WithLogging());
        Flush(application.Services);
        await application.Client().GetStringAsync(new Uri("http://shop/"), Token);
        Flush(application.Services);

        Assert.Empty(collector.Items);
    }

    /// <summary>A collector of Docker Compose has a name that could be a service's, and no registry says that it is none.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Collector_with_a_name_without_dots_is_reached_while_no_registry_answers(bool byTheMesh)
    {
        var host = Dns.GetHostName();
        if (host.Contains('.', StringComparison.Ordinal) || !(await AddressesAsync(host)).Contains(IPAddress.Loopback))
        {
            Assert.Skip($"The name of this machine, {host}, does not lead to 127.0.0.1.");
        }

        await using var shop = await TestServer.StartAsync("hello");
        await using var collector = await OtlpReceiver.StartAsync();
        var settings = Exported(collector).AndService("shop", shop.Url)
            .With("Discovery:Eureka:ServiceUrls:0", "http://127.0.0.1:1/eureka/")
            .With("Discovery:Eureka:Register", "false")
            .With("Telemetry:AccessLog", "true");
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{host}:{new Uri(collector.Url).Port}";
        await using (var application = new MeshApplication(settings, services =>
        {
            if (byTheMesh)
            {
                services.AddMesh().ExportTelemetry();
            }
            else
            {
                services.AddOpenTelemetry().WithTracing().WithMetrics().WithLogging().UseOtlpExporter();
            }
        }))
        {
            Flush(application.Services);
            Assert.Equal("hello", await application.Client().GetStringAsync(new Uri("http://shop/"), Token));
            Flush(application.Services);

            // The exports neither count as calls nor show up among them.
            Flush(application.Services);
        }

        Assert.Equal(["mesh shop"], collector.Of("traces", "Mesh.Client").Select(static item => item.Name));
        Assert.Contains("mesh.client.call.duration", collector.Of("metrics", "Mesh.Client").Select(static item => item.Name));
        Assert.Single(collector.Of("logs", "Mesh.Client.Access"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Second_exporter_is_an_error_that_says_what_to_do(bool meshFirst)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        var exception = Assert.Throws<InvalidOperationException>(() =>
        {
            if (meshFirst)
            {
                services.AddMesh().ExportTelemetry();
            }

            services.AddOpenTelemetry().WithTracing().WithMetrics().UseOtlpExporter();
            if (!meshFirst)
            {
                services.AddMesh().ExportTelemetry();
            }

            using var provider = services.BuildServiceProvider();
            _ = provider.GetRequiredService<TracerProvider>();
        });

        Assert.Contains("Remove one of the two", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ExportTelemetry()", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(MeterProvider))]
    [InlineData(typeof(LoggerProvider))]
    public void Second_exporter_is_an_error_of_every_signal(Type provider)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMesh().ExportTelemetry();
        services.AddOpenTelemetry().UseOtlpExporter();
        using var built = services.BuildServiceProvider();

        Assert.Contains(
            "Remove one of the two",
            Assert.Throws<InvalidOperationException>(() => built.GetRequiredService(provider)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Exporter_of_a_single_signal_beside_it_is_refused_by_OpenTelemetry()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMesh().ExportTelemetry();
        services.AddOpenTelemetry().WithTracing(tracing => tracing.AddOtlpExporter());
        using var provider = services.BuildServiceProvider();

        Assert.Throws<NotSupportedException>(provider.GetRequiredService<TracerProvider>);
    }

    private static async Task<IPAddress[]> AddressesAsync(string host)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, Token);
        }
        catch (SocketException)
        {
            return [];
        }
    }

    private static Settings Exported(OtlpReceiver collector) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
    };

    /// <summary>Also makes the providers, which a host would do when it starts.</summary>
    private static void Flush(IServiceProvider services)
    {
        var limit = (int)Patience.Limit.TotalMilliseconds;
        Assert.True(services.GetRequiredService<TracerProvider>().ForceFlush(limit));
        Assert.True(services.GetRequiredService<MeterProvider>().ForceFlush(limit));
        Assert.True(services.GetRequiredService<LoggerProvider>().ForceFlush(limit));
    }
}
