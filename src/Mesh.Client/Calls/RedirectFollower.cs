using System.Net;
using Mesh.Client.Discovery;

namespace Mesh.Client.Calls;

/// <summary>Follows redirects as HttpClient does, but only while they stay inside the service: any other is the caller's to decide.</summary>
internal static class RedirectFollower
{
    /// <summary>As many as HttpClient follows.</summary>
    public const int Most = 50;

    /// <summary>Points the request at the next address, if the response is a redirect that is followed.</summary>
    public static bool TryFollow(Call call, HttpResponseMessage response)
    {
        if (call.Shell.OwnPrimary || !IsRedirect(response.StatusCode) || response.Headers.Location is not { } location)
        {
            return false;
        }

        var request = call.Request;
        var from = request.RequestUri!;
        if (Inside(call, from, location) is not { } target)
        {
            return false;
        }

        var method = NextMethod(response.StatusCode, request.Method);
        if (method == request.Method ? !call.BodyReplayable : method != HttpMethod.Get)
        {
            return false;
        }

        if (method != request.Method)
        {
            request.Method = method;
            request.Content = null;
            request.Headers.TransferEncodingChunked = false;
        }

        request.RequestUri = target;

        // As HttpClient: a credential was meant for the first address.
        request.Headers.Authorization = null;
        response.Dispose();
        call.Redirect();
        return true;
    }

    public static bool IsRedirect(HttpStatusCode status) => status
        is HttpStatusCode.MultipleChoices or HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    /// <summary>Null when the address is outside; one of the service's own endpoints is named as the service again.</summary>
    private static Uri? Inside(Call call, Uri from, Uri location)
    {
        if (!location.IsAbsoluteUri && !location.OriginalString.StartsWith('/'))
        {
            return new Uri(from, location);
        }

        // A relative one may still name another host: //host/path.
        var target = location.IsAbsoluteUri ? location : new Uri(from, location);
        if (target.Scheme != from.Scheme && target.Scheme != Uri.UriSchemeHttp && target.Scheme != Uri.UriSchemeHttps)
        {
            return null;
        }

        if (from.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps)
        {
            return null;
        }

        if (string.Equals(target.Host, from.Host, StringComparison.OrdinalIgnoreCase))
        {
            return new Uri(from, WithoutBase(target.PathAndQuery, call.LastTried));
        }

        foreach (Endpoint endpoint in call.Service.Endpoints.All)
        {
            var address = endpoint.Description.Address;
            if (string.Equals(address.Authority, target.Authority, StringComparison.OrdinalIgnoreCase) && address.Scheme == target.Scheme)
            {
                return new Uri(from, WithoutBase(target.PathAndQuery, endpoint));
            }
        }

        return null;
    }

    /// <summary>An endpoint names its own paths, base path included. That is added again when the request is sent.</summary>
    private static string WithoutBase(string path, Endpoint? endpoint)
    {
        var pathBase = endpoint?.Description.Address.AbsolutePath.TrimEnd('/') ?? string.Empty;
        if (pathBase.Length == 0 || !path.StartsWith(pathBase, StringComparison.Ordinal))
        {
            return path;
        }

        var rest = path[pathBase.Length..];
        return rest.Length == 0 || rest[0] == '?' ? "/" + rest : rest[0] == '/' ? rest : path;
    }

    private static HttpMethod NextMethod(HttpStatusCode status, HttpMethod method) => status switch
    {
        HttpStatusCode.SeeOther when method != HttpMethod.Get && method != HttpMethod.Head => HttpMethod.Get,
        HttpStatusCode.MultipleChoices or HttpStatusCode.Moved or HttpStatusCode.Found when method == HttpMethod.Post => HttpMethod.Get,
        _ => method,
    };
}
