using Mesh.Client.Transport;

namespace Mesh.Client.Calls;

/// <summary>Points a request at an endpoint and undoes it after the attempt, so that retries, handlers above and the user see the request as it was.</summary>
internal readonly struct RequestTarget
{
    private readonly HttpRequestMessage _request;
    private readonly Uri _original;
    private readonly bool _hostSet;

    public RequestTarget(Call call, EndpointTransport transport)
    {
        _request = call.Request;
        _original = _request.RequestUri!;
        var target = call.Shell.OwnPrimary ? transport.DirectAddress(_original) : transport.Address(_original);
        if (ReferenceEquals(target, _original))
        {
            return;
        }

        _request.RequestUri = target;
        if (call.Shell.OwnPrimary && _request.Headers.Host is null && transport.HostFor(_original, call.Shell.PrimaryRoams) is { } host)
        {
            _request.Headers.Host = host;
            _hostSet = true;
        }
    }

    public void Restore()
    {
        if (!ReferenceEquals(_request.RequestUri, _original))
        {
            _request.RequestUri = _original;
        }

        if (_hostSet)
        {
            _request.Headers.Host = null;
        }
    }
}
