using System.Net;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The innermost handler of every client: a stateless shell. The factory makes new ones every
/// two minutes, so nothing may live here.</summary>
/// <param name="pipeline">What does the work.</param>
/// <param name="ownPrimary">Whether the user brought a primary handler of their own, which then carries all requests.</param>
/// <param name="reach">Where that handler may take a request: it may follow redirects, or use a proxy.</param>
/// <param name="cookies">The container of a client that keeps cookies, where its handler is not one of the user's own otherwise.</param>
internal sealed class MeshHandler(
    CallPipeline pipeline, bool ownPrimary, HandlerReach? reach = null, CookieContainer? cookies = null) : DelegatingHandler
{
    public bool OwnPrimary => ownPrimary;

    public HandlerReach Reach { get; } = reach ?? HandlerReach.Direct;

    public CookieContainer? Cookies => cookies;

    public CallPipeline Pipeline => pipeline;

    public Task<HttpResponseMessage> SendPrimaryAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        base.SendAsync(request, cancellationToken);

    public HttpResponseMessage SendPrimary(HttpRequestMessage request, CancellationToken cancellationToken) =>
        base.Send(request, cancellationToken);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        pipeline.SendAsync(request, this, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        pipeline.Send(request, this, cancellationToken);
}
