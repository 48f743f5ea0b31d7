using System.Net;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Follows redirects as HttpClient does, but only within the service; the caller decides about all others.</summary>
internal static class RedirectFollower
{
    /// <summary>As many as HttpClient follows.</summary>
    public const int MaxRedirects = 50;

    /// <summary>Points the request at the next address, if the response is a redirect that is followed. Otherwise the call has ended, with
    /// <see cref="Call.Last"/>.</summary>
    public static bool TryFollow(Call call, HttpResponseMessage response)
    {
        if (call.Primary.IsOwn || !IsRedirect(response.StatusCode) || response.Headers.Location is not { } location)
        {
            return false;
        }

        var request = call.Request;
        var from = call.Address;
        var endpoint = call.LastEndpoint!;

        // The endpoint meant it relative to the address that it received, base path included.
        Endpoint? destination = null;
        var target = Uri.TryCreate(call.LastTransport!.Address(from), location, out var absolute)
            ? Inside(call, endpoint, from, absolute, out destination)
            : null;
        if (target is null)
        {
            return false;
        }

        if (call.TryEndAt(destination))
        {
            response.Dispose();
            return false;
        }

        var method = NextMethod(response.StatusCode, request.Method);
        if (method == request.Method ? !call.BodyReplayable : method != HttpMethod.Get)
        {
            return false;
        }

        // As in HttpClient: a credential was meant for the first address. A token of the mesh is checked anew; a credential of the user is
        // not replaced.
        _ = call.IsAuthorizedByUser;
        if (!TryTurn(call, target, method))
        {
            return false;
        }

        response.Dispose();
        call.Redirect(target, destination);
        return true;
    }

    /// <summary>Changes the request for its next address; false if its owner has disposed of it meanwhile: the redirect is then the
    /// answer.</summary>
    private static bool TryTurn(Call call, Uri target, HttpMethod method)
    {
        var request = call.Request;
        call.Use.BeginEdit();
        try
        {
            request.RequestUri = target;
            if (method != request.Method)
            {
                request.Method = method;
                request.Content = null;
                request.Headers.TransferEncodingChunked = false;
            }

            request.Headers.Authorization = null;
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            call.Use.EndEdit();
        }
    }

    public static bool IsRedirect(HttpStatusCode status) => status
        is HttpStatusCode.MultipleChoices or HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    /// <summary>Translates the address back to the service's, without the parts added for sending; null when it is outside.</summary>
    private static Uri? Inside(Call call, Endpoint from, Uri request, Uri location, out Endpoint? destination)
    {
        destination = null;
        var secure = location.Scheme == Uri.UriSchemeHttps;
        if (!secure && (location.Scheme != Uri.UriSchemeHttp || request.Scheme == Uri.UriSchemeHttps))
        {
            return null;
        }

        // To TLS from an endpoint without it: only if other endpoints have it, else the redirect would come back for ever.
        var raised = secure && !from.IsSecure && request.Scheme != Uri.UriSchemeHttps;
        if (raised && call.Target.Subset.Endpoints.Secure.All.Length == 0)
        {
            return null;
        }

        var owner = string.Equals(location.Host, request.Host, StringComparison.OrdinalIgnoreCase)
            ? from
            : Owner(call.Target.Subset.Endpoints, location);
        if (owner is null || PathBelow(owner.Description.PathBase, location.PathAndQuery) is not { } path
            || (DotSegments.Climb(path) && Array.Exists(call.Target.Subset.Endpoints.All, static e => e.Description.PathBase.Length > 0)))
        {
            return null;
        }

        // A name that several endpoints share names none of them.
        destination = ReferenceEquals(owner, from) || !IsAt(owner.Description.Address, location) ? null : owner;

        // As one string: a path that begins with two slashes must not be taken for a host. A fragment is not sent: it is for the caller,
        // and stays if the new address has none (RFC 9110, 10.2.2).
        var fragment = location.Fragment.Length > 0 ? location.Fragment : request.Fragment;
        return new Uri($"{(raised ? Uri.UriSchemeHttps : request.Scheme)}://{request.Authority}{path}{fragment}", UriKind.Absolute);
    }

    private static Endpoint? Owner(EndpointSet endpoints, Uri location) =>
        Array.Find(
            endpoints.All,
            e => IsAt(e.Description.Address, location) || (e.Description.SpokenAddress is { } spoken && IsAt(spoken, location)));

    private static bool IsAt(Uri address, Uri location) =>
        string.Equals(address.Authority, location.Authority, StringComparison.OrdinalIgnoreCase) && address.Scheme == location.Scheme;

    /// <summary>The path without the endpoint's base path; null if it is not below it.</summary>
    public static string? PathBelow(string pathBase, string path)
    {
        if (pathBase.Length == 0)
        {
            return path;
        }

        if (!path.StartsWith(pathBase, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = path[pathBase.Length..];
        return rest.Length == 0 || rest[0] == '?' ? "/" + rest : rest[0] == '/' ? rest : null;
    }

    private static HttpMethod NextMethod(HttpStatusCode status, HttpMethod method) => status switch
    {
        HttpStatusCode.SeeOther when method != HttpMethod.Get && method != HttpMethod.Head => HttpMethod.Get,
        HttpStatusCode.MultipleChoices or HttpStatusCode.Moved or HttpStatusCode.Found when method == HttpMethod.Post => HttpMethod.Get,
        _ => method,
    };
}
