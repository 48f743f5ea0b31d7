using System.Net;
using System.Net.Http.Headers;

namespace Mesh.Client.Calls;

/// <summary>Which response bodies the mesh follows to their end.</summary>
internal static class ResponseBody
{
    /// <summary>Up to this size a body has practically arrived with its headers.</summary>
    private const long SmallBytes = 16 * 1024;

    /// <summary>Bodies that are streamed, of unknown length or large. Small ones are left to HttpClient and cost nothing here.</summary>
    public static bool IsStreamed(HttpRequestMessage request, HttpResponseMessage response)
    {
        var length = response.Content.Headers.ContentLength;
        return (length is null || length > SmallBytes)
            && request.Method != HttpMethod.Head
            && response.StatusCode is not (HttpStatusCode.SwitchingProtocols or HttpStatusCode.NoContent or HttpStatusCode.NotModified)
            && request.Method != HttpMethod.Connect;
    }

    /// <summary>How long the body may be silent. Streams that are silent by nature have no such limit: events and gRPC messages come when they come.</summary>
    public static TimeSpan IdleTimeout(HttpResponseMessage response, ServicePolicy policy) =>
        IsOpenEnded(response.Content.Headers.ContentType) ? Timeout.InfiniteTimeSpan : policy.BodyIdleTimeout;

    private static bool IsOpenEnded(MediaTypeHeaderValue? type) => type?.MediaType is { } name
        && (name.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
            || name.Equals("multipart/x-mixed-replace", StringComparison.OrdinalIgnoreCase));
}
