using Microsoft.Extensions.Logging;

namespace Mesh.Registry.Http;

internal sealed partial class RefusalNotices
{
    [LoggerMessage(
        EventId = 108,
        EventName = "RegistrationRefused",
        Message = "Refused to register {App}/{Instance} from {Address}, field {Field}: {Reason}. Correct what the client sends; until "
            + "then it is not listed")]
    private static partial void LogRefused(
        ILogger logger, LogLevel level, string app, string instance, string address, string field, string reason);

    [LoggerMessage(
        109,
        LogLevel.Debug,
        "Could not read the body of a request from {Address}, answered {Status}",
        EventName = "BodyUnreadable")]
    private static partial void LogUnreadable(ILogger logger, string address, int status);
}
