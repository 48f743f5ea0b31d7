namespace Mesh.Client.Outbound.Calls;

/// <summary>The body that a request carries during one attempt, and the user's own again after it.</summary>
/// <remarks>
/// The runtime's handler takes a connection that ends before the first byte of an answer for one that was closed while it was idle, and
/// sends the request again, up to three times, if it has no body: also a POST, also when the endpoint has acted on it and died. A body of
/// no length, which looks the same on the wire, tells it that the request has begun.
/// </remarks>
internal readonly struct AttemptBody
{
    private readonly HttpRequestMessage? _request;
    private readonly HttpContent? _users;

    private AttemptBody(HttpRequestMessage request, HttpContent? users)
    {
        _request = request;
        _users = users;
    }

    /// <param name="call">The call.</param>
    /// <param name="upload">What watches the body; null where it need not be watched.</param>
    public static AttemptBody Apply(Call call, Upload? upload)
    {
        var request = call.Request;
        if (upload is not null)
        {
            request.Content = UploadContent.For(upload);
            return new AttemptBody(request, upload.Content);
        }

        if (request.Content is { } users)
        {
            // A handler of the user's may put its own in place (compressed, signed): a further attempt begins with the first again.
            return call.Primary.IsOwn ? new AttemptBody(request, users) : default;
        }

        // CONNECT never has a body: what follows it is the tunnel.
        if (call.Repeatable || request.Method == HttpMethod.Connect)
        {
            return default;
        }

        request.Content = new ByteArrayContent([]);
        return new AttemptBody(request, users: null);
    }

    /// <summary>The request is the user's again as it was.</summary>
    public void Restore()
    {
        if (_request is null || ReferenceEquals(_request.Content, _users))
        {
            return;
        }

        try
        {
            _request.Content = _users;
        }
        catch (ObjectDisposedException)
        {
            // Its owner has given up and disposed of it meanwhile: there is nothing left to restore.
        }
    }
}
