using System.Net;

namespace Mesh.Client.Calls;

/// <summary>What an endpoint answers quickly and without the work that was asked for. A status alone does not say whose mistake that is; that the other endpoints
/// answer the same calls otherwise does. 4xx is judged in the same way.</summary>
/// <remarks>
/// The one that sends to a login page, does not know the method that is new, or fills its headers until nothing takes them, would otherwise be the fastest
/// of all, and get nearly every call.
/// </remarks>
internal static class Refusal
{
    /// <summary>Whether an attempt came out so, other than by a status of 400 and above.</summary>
    public static bool Is(Call call, in AttemptResult result)
    {
        if (result.Response is not { } response)
        {
            return IsOversize(result);
        }

        return result.Outcome == CallOutcome.Ok && (int)response.StatusCode switch
        {
            < 300 => (call.IsGrpc || response.Content.Headers.ContentLength is null or 0) && GrpcStatus.Of(response.Headers) is > 0,
            (int)HttpStatusCode.NotModified => !IsConditional(call.Request),
            < 400 => true,
            _ => false,
        };
    }

    /// <summary>More headers than are taken: an answer of the endpoint's, and perhaps to this one request only.</summary>
    public static bool IsOversize(in AttemptResult result) =>
        result is { Outcome: CallOutcome.LocalError, Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } };

    private static bool IsConditional(HttpRequestMessage request)
    {
        var headers = request.Headers.NonValidated;
        return headers.Contains("If-None-Match") || headers.Contains("If-Modified-Since");
    }
}
