using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.Outbound.Calls;

/// <summary>What an endpoint answers quickly and without the work that was asked for. A status alone does not say whose mistake that is;
/// that the other endpoints
/// answer the same calls otherwise does. 4xx is judged in the same way.</summary>
/// <remarks>
/// The one that sends to a login page, does not know the method that is new, or fills its headers until nothing takes them, would
/// otherwise be the fastest
/// of all, and get nearly every call.
/// </remarks>
internal static class Refusal
{
    /// <summary>Whether an answer that is none of failure is one, other than by a status of 400 and above.</summary>
    /// <param name="request">The request.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="grpc">Whether it answers a call of gRPC.</param>
    /// <param name="rpc">The status of gRPC in its headers; null for none.</param>
    public static bool Is(HttpRequestMessage request, HttpResponseMessage response, bool grpc, int? rpc) => (int)response.StatusCode switch
    {
        // A switch of protocols, or a part, is worth something only where it was asked for.
        (int)HttpStatusCode.SwitchingProtocols => !request.Headers.NonValidated.Contains("Upgrade"),
        (int)HttpStatusCode.PartialContent when !request.Headers.NonValidated.Contains("Range") => true,
        // Status 0 without a message fails a unary call. Services that give empty streams do so everywhere. To others than callers of gRPC,
        // it may stand beside a body, as gateways that translate to JSON write it.
        < 300 => rpc is > 0 || (rpc is 0 && grpc),
        (int)HttpStatusCode.NotModified => !IsConditional(request),
        < 400 => true,
        _ => false,
    };

    /// <summary>Whether there were more headers than are taken, perhaps of this one answer only, or the endpoint does not speak the version
    /// of HTTP that the request demands. Either may be the client's mistake.</summary>
    public static bool Is(Exception exception) =>
        exception is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.VersionNegotiationError,
        };

    /// <summary>Whether there was no connection of the version that the request demands, so that nothing of it was sent.</summary>
    /// <remarks>A server may also turn away a request that it has (HTTP_1_1_REQUIRED). The runtime then gives the cause.</remarks>
    public static bool IsUnsent(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError, InnerException: null };

    /// <summary>Whether the end of a connection that a request's body was written to may be a refusal: a server of HTTP/1.1 that does not
    /// want the rest (413, 401) answers and closes it. The runtime reports the write that failed, or the read, and loses the
    /// answer.</summary>
    /// <remarks>Over HTTP/2 the answer is not lost, so a connection that ends is what it looks like. What is written there does not go to
    /// the socket, whose exception then is no direct cause.</remarks>
    public static bool MayBe(Exception failure) => failure is IOException { InnerException: SocketException };

    private static bool IsConditional(HttpRequestMessage request)
    {
        var headers = request.Headers.NonValidated;
        return headers.Contains("If-None-Match") || headers.Contains("If-Modified-Since");
    }
}
