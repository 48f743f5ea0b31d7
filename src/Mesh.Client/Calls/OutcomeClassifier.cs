using System.Net;
using Mesh.Client.Context;

namespace Mesh.Client.Calls;

/// <summary>From what the transport returned or threw to an outcome.</summary>
internal static class OutcomeClassifier
{
    public static CallOutcome Classify(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (status < 429)
        {
            return CallOutcome.Ok;
        }

        return response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests => CallOutcome.Overloaded,
            HttpStatusCode.ServiceUnavailable when response.Headers.Contains(MeshHeaders.Overloaded) => CallOutcome.Overloaded,
            // "I never do this" is an answer, not a failure.
            HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported => CallOutcome.Ok,
            _ => status >= 500 ? CallOutcome.UpstreamError : CallOutcome.Ok,
        };
    }

    /// <summary>Cancellations by us or by the caller are told apart before this; here is what the network did.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="ownPrimary">Whether the user's own primary handler threw it.</param>
    /// <param name="body">The request's body.</param>
    public static CallOutcome Classify(Exception exception, bool ownPrimary, HttpContent? body) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: { } cause } when RequestBody.MayHaveThrown(body, cause) => CallOutcome.LocalError,
        HttpRequestException http => Classify(http),
        // The connect timeout of the runtime's handler comes as a cancellation that nobody asked for. A handler of the user may give up this way
        // at any time, also after the request was sent.
        OperationCanceledException { InnerException: TimeoutException } => ownPrimary ? CallOutcome.Timeout : CallOutcome.ConnectFailure,
        // The endpoint left and its connections were closed between the pick and the send: nothing was sent.
        ObjectDisposedException { ObjectName: var name } when IsTransport(name) => CallOutcome.ConnectFailure,
        IOException => CallOutcome.UpstreamReset,
        _ => CallOutcome.LocalError,
    };

    private static bool IsTransport(string name) =>
        name.EndsWith(nameof(Transport.EndpointTransport), StringComparison.Ordinal)
        || name.EndsWith(nameof(HttpMessageInvoker), StringComparison.Ordinal)
        || name.EndsWith(nameof(SocketsHttpHandler), StringComparison.Ordinal);

    private static CallOutcome Classify(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
            => CallOutcome.ConnectFailure,
        HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.UserAuthenticationError or HttpRequestError.VersionNegotiationError
            => CallOutcome.LocalError,
        HttpRequestError.Unknown when exception.InnerException is not IOException and not System.Net.Sockets.SocketException
            => CallOutcome.LocalError,
        _ => CallOutcome.UpstreamReset,
    };
}
