namespace Mesh.Client.Outbound.Calls;

/// <summary>The errors for callers when a response body breaks: which service and endpoint, how much was received, what to
/// change.</summary>
internal static class BodyErrors
{
    /// <summary>For readers of the stream: the same type and error as the runtime throws there.</summary>
    public static IOException Broken(string service, string endpoint, long received, long? length, IOException cause) =>
        cause is HttpIOException http
        ? new HttpIOException(http.HttpRequestError, Text(service, endpoint, received, length, cause), cause)
        : new IOException(Text(service, endpoint, received, length, cause), cause);

    /// <summary>For buffered bodies: what <see cref="HttpClient"/> throws then.</summary>
    public static HttpRequestException AsRequest(IOException broken) =>
        new(ErrorOf(broken), Bare(broken), broken);

    /// <summary>For a body that broke within the attempt.</summary>
    public static BrokenBodyException Within(string service, string endpoint, long received, long? length, Exception cause) =>
        new(ErrorOf(cause), Text(service, endpoint, received, length, cause), cause);

    public static string Silent(string service, string endpoint, TimeSpan limit) =>
        $"No byte of the response body came from {endpoint} for {limit.TotalSeconds:0.###} s (BodyIdleTimeout). Raise "
        + $"Mesh:Services:{service}:BodyIdleTimeout if this service pauses that long.";

    public static string Ended(string service, string endpoint) =>
        $"The response from endpoint {endpoint} of service '{service}' was disposed of before the end of its body was read.";

    private static HttpRequestError ErrorOf(Exception cause) => cause switch
    {
        HttpIOException http => http.HttpRequestError,
        HttpRequestException request => request.HttpRequestError,
        _ => HttpRequestError.Unknown,
    };

    private static string Text(string service, string endpoint, long received, long? length, Exception cause) =>
        $"The response body from endpoint {endpoint} of service '{service}' broke off after "
        + $"{received}{(length is null ? "" : $" of {length}")} bytes: {Bare(cause)}";

    // The runtime appends the error to the message of such an exception.
    private static string Bare(Exception broken)
    {
        var message = broken.Message;
        var suffix = $" ({ErrorOf(broken)})";
        return message.EndsWith(suffix, StringComparison.Ordinal) ? message[..^suffix.Length] : message;
    }
}
