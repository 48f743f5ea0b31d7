using Mesh.Client.Calls;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Simulation.Model;

/// <summary>What the product's parts ask for and the simulation has no use for.</summary>
internal static class ProductParts
{
    /// <summary>Nobody listens to it.</summary>
    public static MeshMetrics Metrics { get; } = CreateMetrics();

    public static ITransportFactory NoTransport { get; } = new NoConnections();

    private static MeshMetrics CreateMetrics()
    {
        var services = new ServiceCollection();
        services.AddMesh();
        return services.BuildServiceProvider().GetRequiredService<MeshMetrics>();
    }

    private sealed class NoConnections : ITransportFactory
    {
        public HttpMessageInvoker Create(string service, EndpointDescription endpoint, ServicePolicy policy) =>
            throw new InvalidOperationException("A simulation has no connections.");
    }
}
