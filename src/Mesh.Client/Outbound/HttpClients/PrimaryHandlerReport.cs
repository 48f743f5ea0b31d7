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
        "HttpClient '{Client}' has a primary handler of its own with a {Store}. The handler sees the addresses of endpoints "
        + "and uses it by address, not by service: another endpoint of the service does not get its content, and another service at the "
        + "same host may get it. This does not concern a handler with a CookieContainer as its only setting, nor a NetworkCredential.",
        EventName = "HandlerGoesByAddress")]
    private static partial void LogAddressed(ILogger logger, string client, string store);
}
