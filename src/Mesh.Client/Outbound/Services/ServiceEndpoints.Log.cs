using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Outbound.Services;

// Event ids 1200-1299: endpoints and their health.
internal sealed partial class ServiceEndpoints
{
    public void Readmitted(Endpoint endpoint) => LogReadmitted(_dependencies.Logger, endpoint.Name, Name);

    public void DrainingBegan(Endpoint endpoint) => LogDraining(_dependencies.Logger, endpoint.Name, Name);

    [LoggerMessage(
        1200,
        LogLevel.Warning,
        "Endpoint {Endpoint} of service '{Service}' is out of rotation for {Seconds:0.0} s ({Reason}): {Cause}. Then one request tries it "
        + "again.",
        EventName = "EndpointEjected")]
    private static partial void LogEjected(
        ILogger logger, string endpoint, string service, double seconds, EjectionReason reason, string cause);

    [LoggerMessage(
        1201,
        LogLevel.Information,
        "Endpoint {Endpoint} of service '{Service}' answers again and is back in rotation.",
        EventName = "EndpointReadmitted")]
    private static partial void LogReadmitted(ILogger logger, string endpoint, string service);

    [LoggerMessage(
        1202,
        LogLevel.Warning,
        "Only {Usable} of {All} endpoints of service '{Service}' are healthy: all are used, since the fault is then likely elsewhere "
        + "(panic).",
        EventName = "Panic")]
    private static partial void LogPanic(ILogger logger, string service, int usable, int all);

    [LoggerMessage(
        1203,
        LogLevel.Information,
        "Endpoint {Endpoint} of service '{Service}' says that it is about to leave, or not ready yet: it gets no further calls while "
        + "there are others.",
        EventName = "EndpointDraining")]
    private static partial void LogDraining(ILogger logger, string endpoint, string service);

    [LoggerMessage(
        1204,
        LogLevel.Debug,
        "This process now uses {Used} of the {All} endpoints of service '{Service}', {Joined} of them new.",
        EventName = "SubsetChanged")]
    private static partial void LogSubset(ILogger logger, string service, int used, int all, int joined);
}
