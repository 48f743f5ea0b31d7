using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Which response bodies are read within the attempt, and which ones the mesh follows to their end.</summary>
internal static class ResponseBody
{
    /// <summary>Up to this size a body belongs to its head: both mostly arrive together, and nearly every caller waits for it.</summary>
    private const long SmallBytes = 16 * 1024;

    public static BodyKind KindOf(Attempt attempt, HttpResponseMessage response)
    {
        var call = attempt.Call;
        var method = attempt.Request.Method;
        if (response.StatusCode is HttpStatusCode.SwitchingProtocols or HttpStatusCode.NoContent or HttpStatusCode.NotModified
            || method == HttpMethod.Head
            || method == HttpMethod.Connect)
        {
            return BodyKind.None;
        }

        // Its outcome comes with the trailers, behind the body.
        if (EndsWithTrailers(call, response))
        {
            return BodyKind.Followed;
        }

        var content = response.Content;
        if (call.IsGrpc && response.StatusCode == HttpStatusCode.OK)
        {
            // The headers are complete in themselves.
            return BodyKind.None;
        }

        return content.Headers.ContentLength switch
        {
            0 => BodyKind.None,
            // Such a body is already in memory, or comes from a test double: it cannot break.
            <= SmallBytes => content is ByteArrayContent or ReadOnlyMemoryContent or ArrivedContent ? BodyKind.None
                // A stream that may be silent must not delay its head.
                : IsOpenEnded(content) ? BodyKind.Followed
                : BodyKind.Small,
            _ => BodyKind.Followed,
        };
    }

    /// <summary>Whether it is a gRPC answer without a status in its headers.</summary>
    public static bool EndsWithTrailers(Call call, HttpResponseMessage response) =>
        call.IsGrpc && response.StatusCode == HttpStatusCode.OK && !response.Headers.NonValidated.Contains(GrpcStatus.Header);

    /// <summary>How long the body may be silent. Event streams, streams of JSON documents and gRPC have no such limit: their messages come
    /// at any time.</summary>
    public static TimeSpan IdleTimeout(HttpResponseMessage response, CallPolicy policy) =>
        IsOpenEnded(response.Content) ? Timeout.InfiniteTimeSpan : policy.BodyIdleTimeout;

    /// <summary>Whether the body is a stream that may be silent.</summary>
    public static bool IsOpenEnded(HttpContent content) => content.Headers.ContentType?.MediaType is { } name
        && (name.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith(GrpcRequest.MediaType, StringComparison.OrdinalIgnoreCase)
            || name.Equals("multipart/x-mixed-replace", StringComparison.OrdinalIgnoreCase)
            || name.Equals("application/x-ndjson", StringComparison.OrdinalIgnoreCase)
            || name.Equals("application/ndjson", StringComparison.OrdinalIgnoreCase)
            || name.Equals("application/jsonl", StringComparison.OrdinalIgnoreCase)
            || name.Equals("application/json-seq", StringComparison.OrdinalIgnoreCase)
            || name.Equals("application/stream+json", StringComparison.OrdinalIgnoreCase));
}
