using System.Diagnostics.Metrics;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Telemetry;

public sealed class ConfigurationMetricTests
{
    [Fact]
    public void Reloads_are_counted_by_result_and_a_refused_edit_shows_until_it_is_mended()
    {
        using var application = new TestApplication("""{ "Mesh": { "Domain": "one.local" } }""");
        application.Services.AddMesh();
        var provider = application.Build();
        _ = provider.GetRequiredService<ServiceDirectory>();
        var meters = provider.GetRequiredService<IMeterFactory>();
        using var generation = new MetricCollector<int>(meters, MeshTelemetry.MeterName, "mesh.config.generation");
        using var rejected = new MetricCollector<int>(meters, MeshTelemetry.MeterName, "mesh.config.rejected");
        using var reloads = new MetricCollector<long>(meters, MeshTelemetry.MeterName, "mesh.config.reloads");
        Assert.Equal(["1 | 0 | 0 result=accepted, 0 result=rejected"], State());

        application.Edit("""{ "Mesh": { "Domain": "two.local" } }""");
        Assert.Equal(["2 | 0 | 1 result=accepted, 0 result=rejected"], State());
        application.Edit("""{ "Mesh": { "Domian": "three.local" } }""");
        Assert.Equal(["2 | 1 | 1 result=accepted, 1 result=rejected"], State());
        application.Edit("""{ "Mesh": { "Domain": "two.local" } }""");
        Assert.Equal(["2 | 0 | 1 result=accepted, 1 result=rejected"], State());

        string[] State() =>
            [string.Join(" | ", string.Join(", ", generation.Observe()), string.Join(", ", rejected.Observe()),
                string.Join(", ", reloads.Observe()))];
    }
}
