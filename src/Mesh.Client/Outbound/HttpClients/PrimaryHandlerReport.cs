using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Outbound.HttpClients;

/// <summary>Reports which settings of a user's primary handler apply to the address of an endpoint, though they are meant for a service:
/// once per client.</summary>
internal sealed partial class PrimaryHandlerReport(GuardedLogger<LogCategories.MeshHandlerFilter> logger)
{
    // The factory builds the handlers of a client again every two minutes.
    private readonly ConcurrentDictionary<string, bool> _said = new(StringComparer.Ordinal);

    public void Report(string client, HttpMessageHandler handler, bool hasCookies)
    {
        var credentials = handler switch
        {
            SocketsHttpHandler sockets => sockets.Credentials,
            HttpClientHandler classic => classic.Credentials,
            _ => null,
        };
        if ((hasCookies || credentials is CredentialCache) && _said.TryAdd(client, true))
        {
            LogAddressed(logger, client, hasCookies ? nameof(CookieContainer) : nameof(CredentialCache));
        }
    }

    [LoggerMessage(
        116,
        LogLevel.Warning,
        "HttpClient '{Client}' has a primary handler of its own with a {Store}. The handler is sent to addresses of endpoints and goes by "
        + "these, not by the service: another endpoint of the service does not know what is in it, and another service at the same host "
        + "may be shown it. A handler whose only setting is a CookieContainer is free of that, and so is a NetworkCredential.",
        EventName = "HandlerGoesByAddress")]
    private static partial void LogAddressed(ILogger logger, string client, string store);
}
