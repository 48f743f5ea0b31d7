namespace Mesh.Client.Matching;

/// <summary>What a call is matched by.</summary>
/// <param name="request">The message.</param>
/// <param name="address">The address that was called.</param>
/// <param name="client">The name of the client that makes the call.</param>
internal readonly ref struct CallFacts(HttpRequestMessage request, Uri address, string client)
{
    // The runtime keeps the text of both together: it sends it.
    private readonly string _target = address.PathAndQuery;

    public HttpMethod Method => request.Method;

    public string Client => client;

    public ReadOnlySpan<char> Path => _target.IndexOf('?') is >= 0 and var query ? _target.AsSpan(0, query) : _target;

    public ReadOnlySpan<char> Query => _target.IndexOf('?') is >= 0 and var query ? _target.AsSpan(query + 1) : [];

    /// <summary>The value of a header of the request or its content.</summary>
    public bool TryHeader(string name, out ReadOnlySpan<char> value)
    {
        if (request.Headers.NonValidated.TryGetValues(name, out var values)
            || (request.Content?.Headers.NonValidated.TryGetValues(name, out values) ?? false))
        {
            value = values.ToString();
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The first value of a query parameter, decoded.</summary>
    public bool TryQuery(string name, out ReadOnlySpan<char> value)
    {
        foreach (var range in Query.Split('&'))
        {
            var pair = Query[range];
            var equals = pair.IndexOf('=');
            if (Decoded(equals < 0 ? pair : pair[..equals]).SequenceEqual(name))
            {
                value = equals < 0 ? [] : Decoded(pair[(equals + 1)..]);
                return true;
            }
        }

        value = default;
        return false;
    }

    private static ReadOnlySpan<char> Decoded(ReadOnlySpan<char> text) =>
        text.ContainsAny('%', '+') ? Uri.UnescapeDataString(text.ToString().Replace('+', ' ')) : text;
}
