using System.Net;

namespace Mesh.Client.Calls;

/// <summary>The cookies of a client whose primary handler was given a <see cref="CookieContainer"/>: they belong to the service, whichever
/// endpoint answers. The runtime's handler would look them up by the address that it is sent to: a second endpoint would not know the
/// session, and another service on the same host would be shown it.</summary>
internal readonly struct SessionCookies
{
    private const string Cookie = "Cookie";
    private const string SetCookie = "Set-Cookie";

    private readonly HttpRequestMessage? _request;
    private readonly string? _users;

    private SessionCookies(HttpRequestMessage request, string? users)
    {
        _request = request;
        _users = users;
    }

    /// <summary>Puts the service's cookies beside those that the user has written, as the runtime does. To be called when the request has
    /// its target.</summary>
    public static SessionCookies Apply(Call call)
    {
        if (call.Shell.Cookies is not { } jar || jar.GetCookieHeader(SiteOf(call)) is not { Length: > 0 } cookies)
        {
            return default;
        }

        var headers = call.Request.Headers;
        var users = headers.NonValidated.TryGetValues(Cookie, out var written) ? string.Join("; ", written) : null;
        if (users is not null)
        {
            headers.Remove(Cookie);
        }

        Write(call.Request, users is null ? cookies : $"{users}; {cookies}");
        return new SessionCookies(call.Request, users);
    }

    /// <summary>Keeps what the answer sets. To be called while the request has its target.</summary>
    public static void Keep(Call call, HttpResponseMessage response)
    {
        if (call.Shell.Cookies is not { } jar || !response.Headers.NonValidated.TryGetValues(SetCookie, out var values))
        {
            return;
        }

        var site = SiteOf(call);
        foreach (var value in values)
        {
            try
            {
                jar.SetCookies(site, value);
            }
            catch (CookieException)
            {
                // One that cannot be read, or is meant for another site, is left out, as the runtime does.
            }
        }
    }

    /// <summary>To be called after the attempt: the next one, and the user, find the request as it was.</summary>
    public void Restore()
    {
        if (_request is null)
        {
            return;
        }

        _request.Headers.Remove(Cookie);
        if (_users is not null)
        {
            Write(_request, _users);
        }
    }

    // Scheme and path as they are sent: a cookie may ask for TLS, and its path is the endpoint's. The host is the service's.
    private static Uri SiteOf(Call call)
    {
        var sent = call.Request.RequestUri!;
        var asked = call.Address;
        return string.Equals(sent.Host, asked.Host, StringComparison.OrdinalIgnoreCase)
            ? sent
            : new Uri($"{sent.Scheme}://{asked.Authority}{sent.AbsolutePath}", UriKind.Absolute);
    }

    // What stands in a container has been checked; what the user wrote is put back as it was.
    private static void Write(HttpRequestMessage request, string value)
    {
#pragma warning disable RS0030
        request.Headers.TryAddWithoutValidation(Cookie, value);
#pragma warning restore RS0030
    }
}
