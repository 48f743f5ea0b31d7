using Mesh.Client.Discovery;
using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Mesh.Client.Security.EndpointRules;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Services;

/// <summary>What every service needs from the process.</summary>
internal sealed record ServiceDependencies(
    MeshClock Clock,
    IRandomSource Random,
    LoadBalancerCatalog LoadBalancers,
    ITransportFactory Transports,
    CircuitBreakerFactory Breakers,
    MeshMetrics Metrics,
    EndpointGuard Guard,
    SourceSignals Refresh,
    LocalityProvider Locality,
    GuardedLogger<LogCategories.Service> Logger);
