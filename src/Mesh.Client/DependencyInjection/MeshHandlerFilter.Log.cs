using Microsoft.Extensions.Logging;

namespace Mesh.Client.DependencyInjection;

internal sealed partial class MeshHandlerFilter
{
    [LoggerMessage(
        110,
        LogLevel.Warning,
        "HttpClient '{Client}' has a resilience handler of Microsoft.Extensions.Http.Resilience above the mesh. Where both retry, attempts multiply: 3 retries there times 2 here are up to 12 requests for one call, and its circuit breaker counts all endpoints as one. Remove AddStandardResilienceHandler() or AddResilienceHandler() from this client, or set Mesh:Services:<name>:Retry:MaxRetries to 0, or take the client off the mesh with WithoutMesh().",
        EventName = "ResilienceHandlerStacked")]
    private static partial void LogResilienceStacked(ILogger logger, string client);

    [LoggerMessage(
        111,
        LogLevel.Warning,
        "HttpClient '{Client}' has the resolving handler of Microsoft.Extensions.ServiceDiscovery above the mesh. It replaces the service's name by an address before the mesh sees the request, so that the mesh cannot balance, retry elsewhere or leave out failing endpoints. Remove AddServiceDiscovery() from this client, or take it off the mesh with WithoutMesh().",
        EventName = "ServiceDiscoveryStacked")]
    private static partial void LogServiceDiscoveryStacked(ILogger logger, string client);
}
