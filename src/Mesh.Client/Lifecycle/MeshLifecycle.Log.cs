using Microsoft.Extensions.Logging;

namespace Mesh.Client.Lifecycle;

internal sealed partial class MeshLifecycle
{
    [LoggerMessage(
        2200,
        LogLevel.Warning,
        "No source has given its endpoints within {Wait}; the application starts without them.",
        EventName = "StartedWithoutEndpoints")]
    private partial void LogStartedWithoutAnswer(TimeSpan wait);

    [LoggerMessage(
        2201,
        LogLevel.Warning,
        "A source of endpoints failed; the application starts without it.",
        EventName = "SourceFailedAtStart")]
    private partial void LogSourceFailed(Exception failure);

    [LoggerMessage(
        2203,
        LogLevel.Information,
        "Leaving: requests are still served for {DrainDelay} while callers turn away. A second SIGTERM or Ctrl-C skips the wait.",
        EventName = "Draining")]
    private partial void LogDraining(TimeSpan drainDelay);

    [LoggerMessage(
        2204,
        LogLevel.Information,
        "Told to stop a second time: the drain delay ends after {Served}. Requests in flight still finish.",
        EventName = "DrainDelayCutShort")]
    private partial void LogCutShort(TimeSpan served);

    [LoggerMessage(
        2205,
        LogLevel.Warning,
        "HostOptions.ShutdownTimeout of {Set} is too short for DrainDelay, DrainTimeout and 5 s; it is {Raised} now.",
        EventName = "ShutdownTimeoutRaised")]
    private partial void LogRaised(TimeSpan set, TimeSpan raised);

    [LoggerMessage(
        2206,
        LogLevel.Warning,
        "HostOptions.ShutdownTimeout is {Set}, but DrainDelay, DrainTimeout and 5 s are {Needed}: requests in flight may be cut off when "
        + "the application stops.",
        EventName = "ShutdownTimeoutTooShort")]
    private partial void LogTooShort(TimeSpan set, TimeSpan needed);

    [LoggerMessage(
        2212,
        LogLevel.Warning,
        "This host (WebHost?) does not run the phases of IHostedLifecycleService: the application is not registered, and does not drain "
        + "when it stops. Build it with WebApplication.CreateBuilder(args), or with "
        + "Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(...).",
        EventName = "LifecycleNotRun")]
    private partial void LogNotRun();
}
