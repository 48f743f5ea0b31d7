using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Outbound.HttpClients;

/// <summary>Replaces a handler and sends calls to services past it; all other calls go through it.</summary>
/// <remarks>The handler is not simply removed: the same client may call third parties, for which it was meant.</remarks>
internal sealed class Detour : DelegatingHandler
{
    private readonly ServiceDirectory _directory;
    private readonly HttpMessageInvoker _around;

    /// <param name="handler">The handler; its inner handler must not be set yet.</param>
    /// <param name="directory">Decides what a service is.</param>
    public Detour(DelegatingHandler handler, ServiceDirectory directory)
    {
        _directory = directory;
        handler.InnerHandler = new Return(this);
        _around = new HttpMessageInvoker(handler, disposeHandler: true);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsOfTheMesh(request) ? base.SendAsync(request, cancellationToken) : _around.SendAsync(request, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsOfTheMesh(request) ? base.Send(request, cancellationToken) : _around.Send(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _around.Dispose();
        }

        base.Dispose(disposing);
    }

    // Undecided: no source has answered yet, and the mesh waits for it. A single-label host that is unknown to every source goes to DNS, as
    // a third party's does.
    private bool IsOfTheMesh(HttpRequestMessage request) =>
        _directory.Find(RewrittenUri.OriginalOf(request.RequestUri), out _)
            is HostLookup.Service or HostLookup.Undecided or HostLookup.Unknown;

    /// <summary>Below the handler: leads back to the handler below the detour.</summary>
    private sealed class Return(Detour detour) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            detour.SendOnAsync(request, cancellationToken);

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            detour.SendOn(request, cancellationToken);
    }

    private Task<HttpResponseMessage> SendOnAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        base.SendAsync(request, cancellationToken);

    private HttpResponseMessage SendOn(HttpRequestMessage request, CancellationToken cancellationToken) =>
        base.Send(request, cancellationToken);
}
