using Mesh.Client.Transport;

namespace Mesh.Client.Calls;

/// <summary>Points a request at an endpoint and undoes it after the attempt, so that retries, handlers above and the user see the request as it was.</summary>
internal readonly struct RequestTarget
{
    private readonly HttpRequestMessage? _request;
    private readonly Uri? _original;
    private readonly bool _hostSet;

    private RequestTarget(HttpRequestMessage request, Uri original, bool hostSet)
    {
        _request = request;
        _original = original;
        _hostSet = hostSet;
    }

    public static RequestTarget Apply(Call call, EndpointTransport transport)
    {
        var request = call.Request;
        var original = request.RequestUri!;
        var own = call.Shell.OwnPrimary;
        var target = own ? transport.DirectAddress(original) : transport.Address(original);
        if (ReferenceEquals(target, original))
        {
            return default;
        }

        var hostSet = false;
        if (own && request.Headers.Host is null && transport.HostFor(original, call.Shell.PrimaryRoams) is { } host)
        {
            request.Headers.Host = host;
            hostSet = true;
        }

        request.RequestUri = target;
        return new RequestTarget(request, original, hostSet);
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
            _request.Headers.Host = null;
        }
    }
}
