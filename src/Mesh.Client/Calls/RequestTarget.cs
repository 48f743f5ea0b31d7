using Mesh.Client.Discovery;

namespace Mesh.Client.Calls;

/// <summary>Points a request at an endpoint and undoes it after the attempt, so that retries, handlers above and the user see the request as it was.</summary>
internal readonly struct RequestTarget
{
    private readonly HttpRequestMessage? _request;
    private readonly Uri? _original;
    private readonly string? _host;
    private readonly bool _hostSet;

    private RequestTarget(HttpRequestMessage request, Uri original, string? host, bool hostSet)
    {
        _request = request;
        _original = original;
        _host = host;
        _hostSet = hostSet;
    }

    /// <exception cref="CallRejectedException">The path leads out of the endpoint's base path.</exception>
    public static RequestTarget Apply(Call call, Endpoint endpoint)
    {
        var transport = call.TransportOf(endpoint);
        var request = call.Request;
        var original = request.RequestUri!;
        var own = call.Shell.OwnPrimary;
        var target = (own ? transport.DirectAddress(original) : transport.Address(original)) ?? throw CallErrors.LeavesBasePath(call, endpoint);
        if (ReferenceEquals(target, original))
        {
            return default;
        }

        var hostSet = false;
        var users = request.Headers.Host;
        if (users is not null && transport.TlsName is not null)
        {
            // The runtime checks the certificate against the Host header: with a name that is required for it, no request chooses another.
            request.Headers.Host = null;
            hostSet = true;
        }

        if (own && request.Headers.Host is null && transport.HostFor(original, call.MayRoam(endpoint)) is { } host)
        {
            request.Headers.Host = host;
            hostSet = true;
        }

        request.RequestUri = target;
        return new RequestTarget(request, original, users, hostSet);
    }

    /// <summary>Must not throw: the attempt is completed after it.</summary>
    public void Restore()
    {
        if (_request is null)
        {
            return;
        }

        try
        {
            _request.RequestUri = _original;
        }
        catch (ObjectDisposedException)
        {
            // Its owner has given up and disposed it meanwhile: there is nobody left to restore it for.
        }

        if (_hostSet)
        {
            _request.Headers.Host = _host;
        }
    }
}
