namespace Mesh.Client.Calls;

/// <summary>Which requests may be sent twice.</summary>
internal static class RequestMethods
{
    public const string IdempotencyKeyHeader = "Idempotency-Key";

    /// <summary>Idempotent by its method (RFC 9110, 9.2.2), or marked by the caller with an idempotency key.</summary>
    public static bool IsIdempotent(HttpRequestMessage request)
    {
        var method = request.Method;
        return method == HttpMethod.Get
            || method == HttpMethod.Head
            || method == HttpMethod.Put
            || method == HttpMethod.Delete
            || method == HttpMethod.Options
            || method == HttpMethod.Trace
            || IsWebSocket(request)
            || request.Headers.NonValidated.Contains(IdempotencyKeyHeader);
    }

    /// <summary>The handshake of a WebSocket over HTTP/2 (RFC 8441), which is a GET over HTTP/1.1.</summary>
    private static bool IsWebSocket(HttpRequestMessage request) =>
        request.Method == HttpMethod.Connect && string.Equals(request.Headers.Protocol, "websocket", StringComparison.OrdinalIgnoreCase);
}
