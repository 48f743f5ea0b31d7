using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Mesh.Client.Tests.DependencyInjection;

// The source is the process's: spans of other tests would be written into the same list.
[Collection("Listeners")]
public sealed class OpenTelemetryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AddMesh_joins_the_providers_of_the_application(bool meshFirst)
    {
        var services = new ServiceCollection();
        var activities = new List<Activity>();
        var metrics = new List<Metric>();
        if (meshFirst)
        {
            services.AddMesh();
        }

        services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddInMemoryExporter(activities))
            .WithMetrics(meters => meters.AddInMemoryExporter(metrics));
        if (!meshFirst)
        {
            services.AddMesh();
        }

        using var provider = services.BuildServiceProvider();
        var tracer = provider.GetRequiredService<TracerProvider>();
        var meter = provider.GetRequiredService<MeterProvider>();
        var operation = $"call.{meshFirst}";
        using var source = new ActivitySource(MeshTelemetry.ActivitySourceName);
        using var other = new ActivitySource("Somebody.Else");
        using var instruments = new Meter(MeshTelemetry.MeterName);
        source.StartActivity(operation)?.Dispose();
        other.StartActivity(operation)?.Dispose();
        instruments.CreateCounter<int>(operation).Add(1);
        tracer.ForceFlush();
        meter.ForceFlush();

        Assert.Equal("Mesh.Client", Assert.Single(activities, activity => activity.OperationName == operation).Source.Name);
        Assert.Equal("Mesh.Client", Assert.Single(metrics, metric => metric.Name == operation).MeterName);
    }

    [Theory]
    [InlineData(null, true, "shop")]
    [InlineData(null, false, "shop")]
    [InlineData("own", true, "own")]
    [InlineData("own", false, "own")]
    public void AddMesh_names_the_application_in_providers_that_have_no_name(string? own, bool meshFirst, string expected)
    {
        var services = new ServiceCollection();
        if (meshFirst)
        {
            services.AddMesh(static options => options.Service.Name = "shop");
        }

        var telemetry = services.AddOpenTelemetry().WithTracing().WithMetrics();
        if (own is not null)
        {
            telemetry.ConfigureResource(resource => resource.AddService(own));
        }

        if (!meshFirst)
        {
            services.AddMesh(static options => options.Service.Name = "shop");
        }

        using var provider = services.BuildServiceProvider();

        Assert.Equal(
            [expected, expected],
            new[] { provider.GetRequiredService<TracerProvider>().GetResource(),
            provider.GetRequiredService<MeterProvider>().GetResource() }
            .Select(static resource => resource.Attributes.Single(static attribute => attribute.Key == "service.name").Value));
    }

    [Fact]
    public void AddMesh_makes_no_provider_where_there_is_none()
    {
        using var provider = new ServiceCollection().AddMesh().Services.BuildServiceProvider();

        Assert.Null(provider.GetService<TracerProvider>());
        Assert.Null(provider.GetService<MeterProvider>());
    }
}
