using System.Net;

namespace Mesh.Client.Calls;

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
    /// <param name="rpc">The status of gRPC in its headers; null for none.</param>
    public static bool Is(HttpRequestMessage request, HttpResponseMessage response, int? rpc) => (int)response.StatusCode switch
    {
        < 300 => rpc is > 0,
        (int)HttpStatusCode.NotModified => !IsConditional(request),
        < 400 => true,
        _ => false,
    };

    /// <summary>Whether there were more headers than are taken: an answer of the endpoint's, and perhaps to this one request
    /// only.</summary>
    public static bool IsOversize(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded };

    private static bool IsConditional(HttpRequestMessage request)
    {
        var headers = request.Headers.NonValidated;
        return headers.Contains("If-None-Match") || headers.Contains("If-Modified-Since");
    }
}
