using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Eureka;

/// <summary>The metrics of a registry's client, beside those of other tests.</summary>
internal sealed class TestMetrics
{
    private readonly IMeterFactory _meters = new ServiceCollection().AddMetrics()
        .BuildServiceProvider()
        .GetRequiredService<IMeterFactory>();
    private readonly TimeProvider _time;

    public TestMetrics(TimeProvider time)
    {
        _time = time;
        Metrics = new RegistryMetrics(_meters, time);
    }

    public RegistryMetrics Metrics { get; }

    public static RegistryMetrics Of(TimeProvider time) => new TestMetrics(time).Metrics;

    public MetricCollector<T> Collect<T>(string name)
        where T : struct => new(_meters, MeshTelemetry.MeterName, name, _time);
}
