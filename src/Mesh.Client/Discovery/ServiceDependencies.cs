using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Locality;
using Mesh.Client.Resilience;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;

namespace Mesh.Client.Discovery;

/// <summary>What every service needs from the process.</summary>
internal sealed record ServiceDependencies(
    MeshClock Clock,
    IRandomSource Random,
    LoadBalancerCatalog LoadBalancers,
    ITransportFactory Transports,
    CircuitBreakerFactory Breakers,
    MeshMetrics Metrics,
    EndpointGuard Guard,
    RefreshSignal Refresh,
    Whereabouts Whereabouts,
    GuardedLogger<LogCategories.Service> Logger);
