using Microsoft.Extensions.Logging;

namespace Mesh.Client.Eureka;

internal sealed partial class EurekaRegistration
{
    [LoggerMessage(2120, LogLevel.Information, "Registered {Instance} of {Application} as {Status}.", EventName = "Registered")]
    private partial void LogRegistered(string instance, string application, string status);

    [LoggerMessage(
        2121,
        LogLevel.Information,
        "The registry does not know {Instance}; registering it again.",
        EventName = "RegistrationForgotten")]
    private partial void LogForgotten(string instance);

    [LoggerMessage(
        2122,
        LogLevel.Warning,
        "The registry does not accept the registration or the heartbeats of this instance. The request is repeated until it succeeds. "
        + "{Failure}",
        EventName = "RegistrationFailing")]
    private partial void LogUnreachable(string failure, Exception? exception);

    [LoggerMessage(
        2123,
        LogLevel.Information,
        "The registry accepts the registration and the heartbeats of this instance {When}, after {Failures} failure(s).",
        EventName = "RegistrationRecovered")]
    private partial void LogReachable(string when, int failures);

    [LoggerMessage(
        2124,
        LogLevel.Warning,
        "The registry could not be told that this instance {Farewell}; callers learn of it from the draining answers, or when the lease "
        + "ends. {Failure}",
        EventName = "FarewellFailed")]
    private partial void LogDeregistrationFailed(string farewell, string failure);

    [LoggerMessage(
        2125,
        LogLevel.Information,
        "{Instance} of {Application} is now {Status}, with {Entries} entries of metadata.",
        EventName = "RegistrationChanged")]
    private partial void LogChanged(string instance, string application, string status, int entries);

    [LoggerMessage(
        2133,
        LogLevel.Warning,
        "This application listens on {Ports}; {Port} is registered, because it comes first in the configuration. Set {Setting} to choose.",
        EventName = "PortGuessed")]
    private partial void LogPortGuessed(string ports, int port, string setting);
}
