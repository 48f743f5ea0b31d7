using Microsoft.Extensions.Logging;

namespace Mesh.Client.Security.EndpointRules;

// Event ids 1700-1719: endpoint policy.
internal sealed partial class EndpointGuard
{
    [LoggerMessage(1700, LogLevel.Warning, "{Refusal} (instance id: {Instance})", EventName = "EndpointRefused")]
    private static partial void LogRefused(ILogger logger, string refusal, string instance);

    [LoggerMessage(
        1701,
        LogLevel.Warning,
        "{Count} endpoints were refused so far; further refusals are not logged.",
        EventName = "EndpointRefusalsNotLogged")]
    private static partial void LogFull(ILogger logger, int count);

    [LoggerMessage(
        1702,
        LogLevel.Information,
        "Whoever can write to the registry decides where this application connects to. Narrow it down with "
        + "Mesh:Security:Endpoints:AllowedNetworks or AllowedHostSuffixes.",
        EventName = "EndpointPolicyOpen")]
    private static partial void LogOpen(ILogger logger);

    [LoggerMessage(
        1703,
        LogLevel.Debug,
        "One address of endpoint {Endpoint} of service '{Service}' is left out: {Address} {Rule}. Another one is allowed and used "
        + "(instance id: {Instance}).",
        EventName = "EndpointAddressLeftOut")]
    private static partial void LogLeftOut(ILogger logger, string endpoint, string service, string address, string rule, string instance);
}
