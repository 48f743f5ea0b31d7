using Microsoft.Extensions.Logging;

namespace Mesh.Client.Eureka;

internal sealed partial class EurekaSource
{
    [LoggerMessage(
        2100,
        LogLevel.Warning,
        "The registry gives no usable answer; known endpoints stay in use. {Failure}",
        EventName = "RegistryUnusable")]
    private partial void LogFailed(string failure, Exception? exception);

    [LoggerMessage(
        2101,
        LogLevel.Information,
        "The registry answers {When}, after {Failures} failed fetch(es).",
        EventName = "RegistryUsable")]
    private partial void LogRecovered(string when, int failures);

    [LoggerMessage(
        2102,
        LogLevel.Debug,
        "The registry's changes do not add up to its count {Count}; fetching the full list.",
        EventName = "DeltaMismatch")]
    private partial void LogMismatch(string count);

    [LoggerMessage(
        2103,
        LogLevel.Information,
        "{Count} instance(s) that the registry no longer lists, but has not reported as gone, stay in use for up to {Grace}.",
        EventName = "InstancesKept")]
    private partial void LogKept(int count, TimeSpan grace);

    [LoggerMessage(
        2104,
        LogLevel.Warning,
        "The registry removed more than half of all instances at once, and lists too few in their place. These {Count} stay in "
            + "use for up to {Grace}, in case it is wrong.",
        EventName = "MassDeletionDoubted")]
    private partial void LogDoubted(int count, TimeSpan grace);

    [LoggerMessage(
        2105,
        LogLevel.Debug,
        "The registry's changes cannot be used; fetching the full list. {Failure}",
        EventName = "DeltaUnusable")]
    private partial void LogDeltaFailed(string failure);

    [LoggerMessage(
        2106,
        LogLevel.Warning,
        "The registry lists its instances, but its changes cannot be used: the full list is fetched each time, which costs the registry "
            + "more, and changes are tried now and then. Mesh:Discovery:Eureka:Delta: false stops that. {Failure}",
        EventName = "DeltaGivenUp")]
    private partial void LogDeltaGivenUp(string failure);
}
