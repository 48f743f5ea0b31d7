namespace Mesh.Client.Outbound.Calls;

/// <summary>Which requests may be sent twice.</summary>
internal static class RequestMethods
{
    public const string IdempotencyKeyHeader = "Idempotency-Key";

    /// <summary>Idempotent by its method (RFC 9110, 9.2.2), or marked by the caller with an idempotency key.</summary>
    /// <remarks>A conditional write is idempotent in its effect but not in its answer: the second one finds the state that the first one
    /// left, and gets 412 for what was done.</remarks>
    public static bool IsIdempotent(HttpRequestMessage request)
    {
        var method = request.Method;
        return IsSafe(method)
            || ((method == HttpMethod.Put || method == HttpMethod.Delete) && !IsConditional(request))
            || IsWebSocket(request)
            || HasKey(request);
    }

    /// <summary>Whether a second request would also get the same answer: it changes nothing (RFC 9110, 9.2.1), or has a key. A DELETE
    /// repeated after a slow answer gets 404 for what it has deleted itself.</summary>
    public static bool IsAnsweredAlike(HttpRequestMessage request) =>
        IsSafe(request.Method) || HasKey(request);

    private static bool IsSafe(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options || method == HttpMethod.Trace;

    /// <summary>Whether it has a key by which a server can recognize a repetition. An empty one is none: a gateway copies it from a request
    /// that had none.</summary>
    private static bool HasKey(HttpRequestMessage request) =>
        request.Headers.NonValidated.TryGetValues(IdempotencyKeyHeader, out var values) && !string.IsNullOrWhiteSpace(values.ToString());

    private static bool IsConditional(HttpRequestMessage request)
    {
        var headers = request.Headers.NonValidated;
        return headers.Count > 0
            && (headers.Contains("If-Match") || headers.Contains("If-None-Match") || headers.Contains("If-Unmodified-Since"));
    }

    /// <summary>Whether it is the handshake of a WebSocket over HTTP/2 (RFC 8441); over HTTP/1.1 that is a GET.</summary>
    private static bool IsWebSocket(HttpRequestMessage request) =>
        request.Method == HttpMethod.Connect && string.Equals(request.Headers.Protocol, "websocket", StringComparison.OrdinalIgnoreCase);
}
