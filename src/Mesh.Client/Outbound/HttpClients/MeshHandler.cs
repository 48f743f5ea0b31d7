using System.Net;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Outbound.HttpClients;

/// <summary>The innermost handler of every client: a stateless shell. The factory makes new ones every two minutes, so nothing may live
/// here.</summary>
internal sealed class MeshHandler : DelegatingHandler
{
    /// <param name="pipeline">What does the work.</param>
    /// <param name="ownPrimary">Whether the user brought a primary handler of their own, which then carries all requests.</param>
    /// <param name="reach">Where that handler may take a request: it may follow redirects, or use a proxy.</param>
    /// <param name="cookies">The container of a client that keeps cookies, where its handler is not one of the user's own
    /// otherwise.</param>
    public MeshHandler(CallPipeline pipeline, bool ownPrimary, HandlerReach? reach = null, CookieContainer? cookies = null)
    {
        Pipeline = pipeline;
        Primary = new PrimaryHandler(base.Send, base.SendAsync, ownPrimary, reach ?? HandlerReach.Direct, cookies);
    }

    public PrimaryHandler Primary { get; }

    public CallPipeline Pipeline { get; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Pipeline.SendAsync(request, Primary, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Pipeline.Send(request, Primary, cancellationToken);
}
