using System.Net;

namespace Mesh.Client.Outbound.Transport;

/// <summary>What stands below the mesh in a client: its primary handler, and what a call must know of it. One for each handler of the
/// factory, none per call. Immutable.</summary>
/// <param name="send">Sends by it, and blocks.</param>
/// <param name="sendAsync">Sends by it.</param>
/// <param name="isOwn">Whether the user brought it. It then carries all requests; otherwise only those that are not for a service.</param>
/// <param name="reach">Where it may take a request.</param>
/// <param name="cookies">The container of a client that keeps cookies, where its handler is not one of the user's own otherwise.</param>
internal sealed class PrimaryHandler(
    Func<HttpRequestMessage, CancellationToken, HttpResponseMessage> send,
    Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> sendAsync,
    bool isOwn,
    HandlerReach reach,
    CookieContainer? cookies)
{
    public bool IsOwn => isOwn;

    public HandlerReach Reach => reach;

    public CookieContainer? Cookies => cookies;

    public HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => send(request, cancellationToken);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        sendAsync(request, cancellationToken);
}
