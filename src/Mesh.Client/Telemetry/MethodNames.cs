namespace Mesh.Client.Telemetry;

/// <summary>HTTP methods as tag values: an invented method must not create a new time series.</summary>
internal static class MethodNames
{
    private const string Other = "_OTHER";

    public static string Of(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Post || method == HttpMethod.Put || method == HttpMethod.Delete
        || method == HttpMethod.Patch
        || method == HttpMethod.Head
        || method == HttpMethod.Options
        || method == HttpMethod.Trace
        || method == HttpMethod.Connect
            ? method.Method
            : Other;

    /// <summary>The method as the server received it, where case matters.</summary>
    public static string Of(string method) =>
        method is "GET" or "POST" or "PUT" or "DELETE" or "PATCH" or "HEAD" or "OPTIONS" or "TRACE" or "CONNECT" ? method : Other;
}
