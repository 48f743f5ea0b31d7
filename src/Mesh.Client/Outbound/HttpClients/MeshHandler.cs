using System.Net;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Outbound.HttpClients;

/// <summary>The innermost handler of every client, without state: the factory makes new ones every two minutes, so nothing may be kept
/// here.</summary>
internal sealed class MeshHandler : DelegatingHandler
{
    /// <param name="pipeline">Makes the calls.</param>
    /// <param name="ownPrimary">Whether the client has a primary handler of the user, which then carries all requests.</param>
    /// <param name="reach">Where that handler may send a request: it may follow redirects, or use a proxy.</param>
    /// <param name="cookies">The container of a client that keeps cookies, if its primary handler is otherwise not the user's own.</param>
    /// <param name="client">The name of the client.</param>
    public MeshHandler(
        CallPipeline pipeline, bool ownPrimary, HandlerReach? reach = null, CookieContainer? cookies = null, string client = "")
    {
        Pipeline = pipeline;
        Primary = new PrimaryHandler(base.Send, base.SendAsync, ownPrimary, reach ?? HandlerReach.Direct, cookies, client);
    }

    public PrimaryHandler Primary { get; }

    public CallPipeline Pipeline { get; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Pipeline.SendAsync(request, Primary, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Pipeline.Send(request, Primary, cancellationToken);
}
