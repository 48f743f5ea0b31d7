using Mesh.Client.Model;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Security.EndpointRules;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Simulation.Model;

/// <summary>What the product's parts ask for and the simulation has no use for.</summary>
internal static class ProductParts
{
    private static readonly ServiceProvider Provider = new ServiceCollection().AddMesh().Services.BuildServiceProvider();

    /// <summary>Nobody listens to it.</summary>
    public static MeshMetrics Metrics { get; } = Provider.GetRequiredService<MeshMetrics>();

    /// <summary>Admits the simulated addresses.</summary>
    public static EndpointGuard Guard { get; } = Provider.GetRequiredService<EndpointGuard>();

    /// <summary>The client of a call: one without a primary handler of its own.</summary>
    public static PrimaryHandler Primary { get; } =
        new MeshHandler(Provider.GetRequiredService<CallPipeline>(), ownPrimary: false).Primary;

    public static ITransportFactory NoTransport { get; } = new NoConnections();

    private sealed class NoConnections : ITransportFactory
    {
        public HttpMessageInvoker Create(string service, EndpointDescription endpoint, TransportPolicy policy) =>
            throw new InvalidOperationException("A simulation has no connections.");
    }
}
