using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Security.EndpointRules;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Outbound.Services;

/// <summary>Creates the endpoints of one service, and the settings that their connections share. Used under the service's lock.</summary>
internal sealed partial class EndpointFactory(string service, ServiceDependencies dependencies)
{
    // One for all endpoints under a policy.
    private TransportSettings? _transports;
    private TransportPolicy? _policy;

    public Endpoint Create(EndpointDescription description, TransportPolicy policy) =>
        new(description, new EndpointTransport(description, SettingsFor(policy)), dependencies.Clock.Now);

    /// <summary>The settings of connections under a policy.</summary>
    public TransportSettings SettingsFor(TransportPolicy policy)
    {
        if (_transports is null || _policy != policy)
        {
            _policy = policy;
            _transports = new TransportSettings(
                policy.HostHeader, policy.TlsName, endpoint => dependencies.Transports.Create(service, endpoint, policy))
            {
                Time = dependencies.Clock.TimeProvider,
                Replaced = endpoint => LogReplaced(dependencies.Logger, EndpointGuard.NameOf(endpoint), service),
            };
        }

        return _transports;
    }

    [LoggerMessage(
        1205,
        LogLevel.Information,
        "The HTTP/2 connections to endpoint {Endpoint} of service '{Service}' seem dead: a request timed out, and no other request "
        + "had an answer meanwhile. Further requests use new connections.",
        EventName = "ConnectionsReplaced")]
    private static partial void LogReplaced(ILogger logger, string endpoint, string service);
}
