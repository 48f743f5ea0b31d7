namespace Mesh.Client.Outbound.Calls;

/// <summary>Sets the body of a request for one attempt, and restores the user's own after it.</summary>
/// <remarks>
/// If a connection ends before the first byte of an answer, the runtime's handler assumes that it was closed while idle. It then sends a
/// request without a body again, up to three times: even a POST, and even if the endpoint has acted on it and died. An empty body, which
/// looks the same on the wire, tells the handler that the request has begun.
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
    /// <param name="upload">Watches the body; null where that is not needed.</param>
    public static AttemptBody Apply(Call call, Upload? upload)
    {
        var request = call.Request;
        var users = request.Content;
        if (upload is not null)
        {
            request.Content = UploadContent.For(upload);
            return new AttemptBody(request, users);
        }

        if (users is not null)
        {
            // A handler of the user may replace the body (compressed, signed): a further attempt begins with the original again.
            return call.Primary.IsOwn ? new AttemptBody(request, users) : default;
        }

        // CONNECT never has a body: the tunnel follows it.
        if (call.Repeatable || request.Method == HttpMethod.Connect)
        {
            return default;
        }

        request.Content = new ByteArrayContent([]);
        return new AttemptBody(request, users: null);
    }

    /// <summary>Restores the user's request.</summary>
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
            // The owner has given up and disposed of the request meanwhile: there is nothing left to restore.
        }
    }
}
