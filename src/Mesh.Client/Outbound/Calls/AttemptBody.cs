namespace Mesh.Client.Outbound.Calls;

/// <summary>Sets the body of a request for one attempt, and restores the user's own after it.</summary>
/// <remarks>
/// If a connection ends before the first byte of an answer, the runtime's handler assumes that it was closed while idle. It then sends a
/// request without a body again, up to three times: even a POST, and even if the endpoint has acted on it and died. An empty body, which
/// looks the same on the wire, tells the handler that the request has begun.
/// </remarks>
internal readonly struct AttemptBody
{
    private readonly HttpContent? _users;

    // What the attempt has set; null for nothing.
    private readonly HttpContent? _set;
    private readonly bool _any;

    private AttemptBody(HttpContent? users, HttpContent? set, bool any)
    {
        _users = users;
        _set = set;
        _any = any;
    }

    public static AttemptBody Apply(Attempt attempt)
    {
        var call = attempt.Call;
        var request = attempt.Request;
        var users = request.Content;
        if (attempt.Upload is { } upload)
        {
            var watched = UploadContent.For(upload);
            request.Content = watched;
            return new AttemptBody(users, watched, call.Primary.IsOwn);
        }

        if (users is not null)
        {
            // A handler of the user may replace the body (compressed, signed): a further attempt begins with the original again.
            return call.Primary.IsOwn ? new AttemptBody(users, set: null, any: true) : default;
        }

        // CONNECT never has a body: the tunnel follows it.
        if (call.Repeatable || request.Method == HttpMethod.Connect)
        {
            return default;
        }

        var empty = new ByteArrayContent([]);
        request.Content = empty;
        return new AttemptBody(users: null, empty, call.Primary.IsOwn);
    }

    /// <summary>Restores the user's request.</summary>
    public void Restore(HttpRequestMessage request)
    {
        // What is neither the user's nor ours comes from the user's primary handler; below the mesh's own connections nobody sets a
        // content, so there it is a later one of the user.
        if ((_set is null && !_any) || ReferenceEquals(request.Content, _users) || !(_any || ReferenceEquals(request.Content, _set)))
        {
            return;
        }

        try
        {
            request.Content = _users;
        }
        catch (ObjectDisposedException)
        {
            // The owner has given up and disposed of the request meanwhile: there is nothing left to restore.
        }
    }
}
