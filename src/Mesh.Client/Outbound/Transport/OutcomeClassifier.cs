using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Maps the transport's result or exception to an outcome.</summary>
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

    /// <summary>Classifies failures of the network. Cancellations, by the mesh or the caller, and failures of the body itself are handled
    /// before.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="ownPrimary">Whether the user's own primary handler threw it.</param>
    /// <param name="body">What is known of the request's body.</param>
    /// <param name="reconnects">Whether the handler is known to connect again only for what the server has not processed, and the body can
    /// be sent again.</param>
    public static CallOutcome Classify(Exception exception, bool ownPrimary, BodyState body, bool reconnects = false)
    {
        var outcome = exception switch
        {
            HttpRequestException http => Classify(http, body),
            // The connect timeout of the runtime's handler appears as a cancellation without a cancelled token. A handler of the user may
            // give up in this way at any time, even after the request was sent.
            OperationCanceledException { InnerException: TimeoutException } => ownPrimary
                ? CallOutcome.Timeout
                : CallOutcome.ConnectFailure,
            // The runtime cancels the body of a stream that was reset, and sometimes reports the cancellation.
            OperationCanceledException when !ownPrimary && body == BodyState.Begun => CallOutcome.UpstreamReset,
            // The endpoint left and its connections were closed between the pick and the send: nothing was sent.
            ObjectDisposedException { ObjectName: var name } when IsTransport(name) => CallOutcome.ConnectFailure,
            IOException => CallOutcome.UpstreamReset,
            _ => CallOutcome.LocalError,
        };

        // A body is begun on a connection: there was one. What has ended it is only known of the runtime's own handler.
        return outcome == CallOutcome.ConnectFailure && body == BodyState.Begun && !reconnects ? CallOutcome.UpstreamReset : outcome;
    }

    /// <summary>Whether the server has not processed the request (RFC 9113, 8.7; RFC 9114, 4.1.1), although it arrived: a refused stream,
    /// or one beyond the last that a closing connection serves.</summary>
    public static bool IsUnprocessed(Exception exception)
    {
        const long RefusedStream = 0x7;
        const long RequestRejected = 0x10b;
        if (exception is HttpRequestException refused && FoundClosing(refused))
        {
            return true;
        }

        if (exception is not HttpRequestException
            {
                HttpRequestError: HttpRequestError.HttpProtocolError,
                InnerException: HttpProtocolException cause,
            })
        {
            return false;
        }

        // The runtime itself repeats requests that it knows to be unprocessed, on the same endpoint. When it gives up, it wraps the cause
        // in an exception with this text. The codes also say it, but only for a stream: a connection that ends with one may have processed
        // the request.
        return exception.Message is "The request was aborted." or "net_http_request_aborted"
            || (cause.ErrorCode is RefusedStream or RequestRejected && IsOfStream(cause));
    }

    /// <summary>Whether a connection that was to be HTTP/2 is not: what the server sent is HTTP/1.1, or no HTTP at all.</summary>
    public static bool IsNotHttp2(Exception exception)
    {
        const long ProtocolError = 0x1;
        return IsHttp1(exception) || ConnectionEndedWith(ProtocolError, exception);
    }

    /// <summary>Whether the server speaks HTTP/1.1 only and has said so (HTTP_1_1_REQUIRED) for the connection, before it processed
    /// anything. Said for a stream it is about a request that has arrived.</summary>
    public static bool IsHttp1(Exception exception)
    {
        const long Http11Required = 0xd;
        return ConnectionEndedWith(Http11Required, exception);
    }

    /// <summary>Whether there was no connection, and not to this address, but to a proxy or to another server. The runtime shows the
    /// address by its text only, at the end: "Connection refused (10.0.0.1:80)".</summary>
    public static bool NamesAnother(Exception exception, Uri? address)
    {
        if (address is null
            || exception is not HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError,
                Message: [.., ')'] message,
            })
        {
            return false;
        }

        var named = message.AsSpan(message.LastIndexOf('(') + 1)[..^1];
        var colon = named.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(named[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost;
        return port != address.Port || !named[..colon].Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether this process or machine has no socket left for a new connection. That is nobody else's failure, and an endpoint to
    /// which there is a connection still answers.</summary>
    public static bool IsOutOfSockets(Exception exception)
    {
        for (var cause = exception.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable })
            {
                return true;
            }
        }

        return false;
    }

    private static bool ConnectionEndedWith(long code, Exception exception) =>
        exception is HttpRequestException { InnerException: HttpProtocolException cause } && cause.ErrorCode == code && !IsOfStream(cause);

    /// <summary>Whether the server has reset the stream, as opposed to the connection. The runtime shows this by its text only; any other
    /// text counts as the worse case.</summary>
    private static bool IsOfStream(HttpProtocolException cause) =>
        cause.Message.StartsWith("The HTTP/2 server reset the stream.", StringComparison.Ordinal)
        || cause.Message.StartsWith("The HTTP/3 server reset the stream.", StringComparison.Ordinal)
        || cause.Message.StartsWith("net_http_http2_stream_error", StringComparison.Ordinal)
        || cause.Message.StartsWith("net_http_http3_stream_error", StringComparison.Ordinal);

    /// <summary>Whether each HTTP/2 connection that the request tried was closing by then (GOAWAY). The runtime tries a few, then shows
    /// this by its text only.</summary>
    private static bool FoundClosing(HttpRequestException exception) =>
        exception is
        {
            HttpRequestError: HttpRequestError.Unknown,
            InnerException: null,
            Message: "The server shut down the connection." or "net_http_server_shutdown",
        };

    /// <summary>Whether an HTTP/2 connection ended before the server's first frame, which precedes all processing (RFC 9113, 3.4). The
    /// runtime shows this by its text only: in its own exception, or below that of a request that was already being sent.</summary>
    private static bool HasNoConnection(HttpRequestException exception) =>
        SaysNoConnection(exception) || exception.InnerException is IOException inner && SaysNoConnection(inner);

    private static bool SaysNoConnection(Exception exception) =>
        exception.Message.StartsWith(
            "An HTTP/2 connection could not be established because the server did not complete the HTTP/2 handshake.",
            StringComparison.Ordinal)
        || exception.Message.StartsWith("net_http_http2_connection_not_established", StringComparison.Ordinal);

    /// <summary>Whether the connection ended while the request waited for a stream on it, or had just got one. Also shown by its text
    /// only.</summary>
    private static bool WasAborted(HttpRequestException exception) =>
        exception is { InnerException: null, Message: "The request was aborted." or "net_http_request_aborted" };

    private static bool IsTransport(string name) =>
        name.EndsWith(nameof(EndpointTransport), StringComparison.Ordinal)
        || name.EndsWith(nameof(EndpointInvoker), StringComparison.Ordinal)
        || name.EndsWith(nameof(HttpMessageInvoker), StringComparison.Ordinal)
        || name.EndsWith(nameof(SocketsHttpHandler), StringComparison.Ordinal);

    private static CallOutcome Classify(HttpRequestException exception, BodyState body) => exception.HttpRequestError switch
    {
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError when IsOutOfSockets(exception) => CallOutcome.LocalError,
        HttpRequestError.Unknown or HttpRequestError.InvalidResponse when HasNoConnection(exception) => CallOutcome.ConnectFailure,
        HttpRequestError.Unknown when WasAborted(exception) => CallOutcome.UpstreamReset,
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError
            => CallOutcome.ConnectFailure,
        HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.UserAuthenticationError or HttpRequestError.VersionNegotiationError
            => CallOutcome.LocalError,
        HttpRequestError.HttpProtocolError or HttpRequestError.Unknown when IsHttp1(exception) => CallOutcome.LocalError,
        HttpRequestError.Unknown when !FoundClosing(exception)
        && exception.InnerException is not IOException and not SocketException
            // The transport closes the stream of the body when the connection ends.
            && !(body == BodyState.Begun && exception.InnerException is ObjectDisposedException)
            => CallOutcome.LocalError,
        _ => CallOutcome.UpstreamReset,
    };
}
