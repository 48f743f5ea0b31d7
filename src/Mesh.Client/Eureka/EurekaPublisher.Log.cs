using Microsoft.Extensions.Logging;

namespace Mesh.Client.Eureka;

internal sealed partial class EurekaPublisher
{
    [LoggerMessage(2110, LogLevel.Debug, "Service {Service} now has {Count} endpoint(s) in the registry.", EventName = "ServicePublished")]
    private partial void LogPublished(string service, int count);

    [LoggerMessage(
        2111,
        LogLevel.Warning,
        "Instance {Instance} of {Application} is left out: the registry gives it {Problem}.",
        EventName = "InstanceUnusable")]
    private partial void LogUnusable(string instance, string application, string problem);

    [LoggerMessage(
        2112,
        LogLevel.Warning,
        "The registry lists more than {Most} services; calls to further names fail until there is room.",
        EventName = "TooManyServices")]
    private partial void LogFull(int most);
}
