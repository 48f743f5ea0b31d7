using Microsoft.Extensions.Logging;

namespace Mesh.Client.Outbound.HttpClients;

internal sealed partial class StackedHandlerReport
{
    private const string Resilience =
        "{Clients} has a resilience handler of Microsoft.Extensions.Http.Resilience above the mesh. Where both retry, attempts multiply: "
        + "3 retries there times 2 here "
        + "are up to 12 requests for one call, and its circuit breaker counts all endpoints as one. Remove AddStandardResilienceHandler() "
        + "or AddResilienceHandler() "
        + "from {Place}, or set Mesh:StackedHandlers to Bypass, so that calls to services go past it, or take the client off the mesh "
        + "with WithoutMesh().";

    private const string Polly =
        "{Clients} has a policy handler of Microsoft.Extensions.Http.Polly above the mesh. If it retries, attempts multiply: 3 retries "
        + "there times 2 here are up to 12 "
        + "requests for one call; if it breaks, all endpoints count as one. Remove AddPolicyHandler() or AddTransientHttpErrorPolicy() "
        + "from {Place}, "
        + "or set Mesh:StackedHandlers to Bypass, so that calls to services go past it, or take the client off the mesh with "
        + "WithoutMesh().";

    private const string ServiceDiscovery =
        "{Clients} has the resolving handler of Microsoft.Extensions.ServiceDiscovery above the mesh. It replaces the service's name by "
        + "an address before the mesh sees "
        + "the request, so that the mesh cannot balance, retry elsewhere or eject failing endpoints. Remove AddServiceDiscovery() from "
        + "{Place}, "
        + "or set Mesh:StackedHandlers to Bypass, so that calls to services go past it, or take the client off the mesh with "
        + "WithoutMesh().";

    private const string Steeltoe =
        "{Clients} has a discovery handler of Steeltoe above the mesh. It replaces the service's name by an address before the mesh sees "
        + "the request, so that the mesh "
        + "cannot balance, retry elsewhere or eject failing endpoints. Remove AddServiceDiscovery() or DiscoveryHttpClientHandler from "
        + "{Place}, "
        + "or take the client off the mesh with WithoutMesh().";

    [LoggerMessage(110, LogLevel.Warning, Resilience, EventName = "ResilienceHandlerStacked")]
    private static partial void LogResilience(ILogger logger, string clients, string place);

    [LoggerMessage(111, LogLevel.Warning, ServiceDiscovery, EventName = "ServiceDiscoveryStacked")]
    private static partial void LogServiceDiscovery(ILogger logger, string clients, string place);

    [LoggerMessage(112, LogLevel.Warning, Polly, EventName = "PolicyHandlerStacked")]
    private static partial void LogPolly(ILogger logger, string clients, string place);

    [LoggerMessage(113, LogLevel.Warning, Steeltoe, EventName = "SteeltoeHandlerStacked")]
    private static partial void LogSteeltoe(ILogger logger, string clients, string place);

    [LoggerMessage(
        114,
        LogLevel.Information,
        "Calls of {Clients} to services go past its {Handler} (Mesh:StackedHandlers is Bypass).",
        EventName = "StackedHandlerBypassed")]
    private static partial void LogBypassed(ILogger logger, string clients, string handler);
}
