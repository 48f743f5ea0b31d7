using System.Net;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The cookies of a client with a <see cref="CookieContainer"/> in its primary handler: they belong to the service, whichever
/// endpoint answers. The runtime's handler would look them up by the address of the endpoint: a second endpoint would not know the session,
/// and another service on the same host would see it.</summary>
internal readonly struct SessionCookies
{
    private const string Cookie = "Cookie";
    private const string SetCookie = "Set-Cookie";

    private readonly bool _applied;
    private readonly List<(string Name, string[] Values)>? _users;

    private SessionCookies(List<(string Name, string[] Values)>? users)
    {
        _applied = true;
        _users = users;
    }

    /// <summary>Adds the service's cookies to those that the user has written, as the runtime does. To be called when the request has its
    /// target.</summary>
    public static SessionCookies Apply(Attempt attempt)
    {
        if (attempt.Call.Primary.Cookies is not { } jar || jar.GetCookieHeader(SiteOf(attempt)) is not { Length: > 0 } cookies)
        {
            return default;
        }

        var headers = attempt.Request.Headers;
        var users = UsersHeaders.SetAside(headers, Cookie);
        try
        {
            // Checked: a container does not watch later changes of its cookies.
            headers.Add(Cookie, users is null ? cookies : $"{string.Join("; ", users[0].Values)}; {cookies}");
        }
        catch (FormatException)
        {
            UsersHeaders.PutBack(headers, users);
            return default;
        }

        return new SessionCookies(users);
    }

    /// <summary>Keeps the cookies of the answer. To be called while the request has its target.</summary>
    public static void Keep(Attempt attempt, HttpResponseMessage response)
    {
        if (attempt.Call.Primary.Cookies is not { } jar || !response.Headers.NonValidated.TryGetValues(SetCookie, out var values))
        {
            return;
        }

        var site = SiteOf(attempt);
        foreach (var value in values)
        {
            try
            {
                jar.SetCookies(site, value);
            }
            catch (CookieException)
            {
                // A cookie that is malformed, or meant for another site, is ignored, as by the runtime.
            }
        }
    }

    /// <summary>Restores the request for the next attempt and the user. To be called after the attempt.</summary>
    public void Restore(HttpRequestMessage request)
    {
        if (!_applied)
        {
            return;
        }

        request.Headers.Remove(Cookie);
        UsersHeaders.PutBack(request.Headers, _users);
    }

    // Scheme and path as they are sent: a cookie may require TLS, and its path is the endpoint's. The host is the service's.
    private static Uri SiteOf(Attempt attempt)
    {
        var sent = attempt.Request.RequestUri!;
        var asked = attempt.Call.Address;
        return string.Equals(sent.Host, asked.Host, StringComparison.OrdinalIgnoreCase)
            ? sent
            : new Uri($"{sent.Scheme}://{asked.Authority}{sent.AbsolutePath}", UriKind.Absolute);
    }
}
