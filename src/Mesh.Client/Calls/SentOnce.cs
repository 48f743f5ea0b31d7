namespace Mesh.Client.Calls;

/// <summary>Keeps the transport from repeating by itself what must not be repeated.</summary>
/// <remarks>
/// The runtime's handler takes a connection that ends before the first byte of an answer for one that was closed while it was idle, and sends the
/// request again, up to three times, if it has no body: also a POST, also when the endpoint has acted on it and died. A body of no length, which
/// looks the same on the wire, tells it that the request has begun.
/// </remarks>
internal readonly struct SentOnce
{
    private readonly HttpRequestMessage? _request;

    private SentOnce(HttpRequestMessage request) => _request = request;

    public static SentOnce Apply(Call call)
    {
        var request = call.Request;

        // CONNECT never has a body: what follows it belongs to somebody else.
        if (call.Repeatable || request.Content is not null || request.Method == HttpMethod.Connect)
        {
            return default;
        }

        request.Content = new ByteArrayContent([]);
        return new SentOnce(request);
    }

    /// <summary>The request is the user's again as it was. Must not throw: the attempt is completed after it.</summary>
    public void Restore()
    {
        if (_request is not null)
        {
            _request.Content = null;
        }
    }
}
