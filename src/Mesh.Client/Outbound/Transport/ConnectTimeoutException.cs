namespace Mesh.Client.Outbound.Transport;

/// <summary>There was no connection within ConnectTimeout. The runtime wraps it in an exception of its own; callers see the text of the
/// call's exception.</summary>
internal sealed class ConnectTimeoutException() : TimeoutException("No connection within ConnectTimeout.")
{
    public static bool IsIn(Exception exception) => exception is HttpRequestException { InnerException: ConnectTimeoutException };
}
