using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Outbound.Calls;

/// <summary>An answer that an endpoint gives quickly, without doing the requested work. Its status alone does not show whose mistake that
/// is; the other endpoints' answers to the same calls do. 4xx is judged in the same way.</summary>
/// <remarks>
/// An endpoint that redirects to a login page, does not know a new method, or sends more headers than any client accepts, would otherwise
/// be the fastest of all, and get nearly every call.
/// </remarks>
internal static class Refusal
{
    /// <summary>Whether an answer that is not a failure is a refusal, other than by a status of 400 and above.</summary>
    /// <param name="request">The request.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="grpc">Whether it answers a gRPC call.</param>
    /// <param name="rpc">The gRPC status in its headers; null for none.</param>
    public static bool Is(HttpRequestMessage request, HttpResponseMessage response, bool grpc, int? rpc) => (int)response.StatusCode switch
    {
        // A protocol switch, or partial content, is an answer only if it was requested.
        (int)HttpStatusCode.SwitchingProtocols => !request.Headers.NonValidated.Contains("Upgrade"),
        (int)HttpStatusCode.PartialContent when !request.Headers.NonValidated.Contains("Range") => true,
        // Status 0 without a message fails a unary call. Services with empty streams give them on all endpoints. For callers that are not
        // gRPC, the status may accompany a body: gateways that translate to JSON send it.
        < 300 => rpc is > 0 || (rpc is 0 && grpc),
        (int)HttpStatusCode.NotModified => !IsConditional(request),
        < 400 => true,
        _ => false,
    };

    /// <summary>Whether there were more headers than allowed, perhaps in this one answer only, or the endpoint does not speak the HTTP
    /// version that the request demands, or the two do not agree on TLS (trust, name, ALPN). Each may be the client's mistake.</summary>
    public static bool Is(Exception exception) => exception is HttpRequestException http && (http.HttpRequestError switch
    {
        HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.VersionNegotiationError => true,
        // A handshake that breaks off is a failure of the network or of the endpoint, and has another cause.
        HttpRequestError.SecureConnectionError => http.InnerException is AuthenticationException,
        _ => OutcomeClassifier.IsNotHttp2(http),
    });

    /// <summary>Whether there was no connection with the version that the request demands, so that nothing was processed. Only a server
    /// that had to read to find that out may have got the beginning of the body.</summary>
    /// <remarks>A server may also reject a request that it has received (HTTP_1_1_REQUIRED). The runtime then gives the cause.</remarks>
    public static bool IsUnsent(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError, InnerException: null }
        || OutcomeClassifier.IsHttp1(exception);

    /// <summary>Whether the end of a connection during the request's body may be a refusal: a server of HTTP/1.1 that does not want the
    /// rest (413, 401) answers and closes the connection. The runtime reports the failed write or read, and loses the answer.</summary>
    /// <remarks>Over HTTP/2 the answer is not lost, so the end of a connection is just that. Writes there do not go to the socket directly,
    /// so its exception is not the direct cause.</remarks>
    public static bool MayBe(Exception failure) => failure is IOException { InnerException: SocketException };

    private static bool IsConditional(HttpRequestMessage request)
    {
        var headers = request.Headers.NonValidated;
        return headers.Contains("If-None-Match") || headers.Contains("If-Modified-Since");
    }
}
