using System.Net;

namespace Mesh.Client.Outbound.Transport;

/// <summary>A client's primary handler, below the mesh, and what a call must know about it. One for each handler of the factory, none per
/// call. Immutable.</summary>
/// <param name="send">Sends, and blocks.</param>
/// <param name="sendAsync">Sends.</param>
/// <param name="isOwn">Whether it is the user's. It then carries all requests; otherwise only those that are not for a service.</param>
/// <param name="reach">Where it may send a request.</param>
/// <param name="cookies">The container of a client that keeps cookies, if its handler is otherwise not the user's own.</param>
/// <param name="client">The name of the client.</param>
internal sealed class PrimaryHandler(
    Func<HttpRequestMessage, CancellationToken, HttpResponseMessage> send,
    Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> sendAsync,
    bool isOwn,
    HandlerReach reach,
    CookieContainer? cookies,
    string client)
{
    public string Client => client;

    public bool IsOwn => isOwn;

    public HandlerReach Reach => reach;

    public CookieContainer? Cookies => cookies;

    public HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => send(request, cancellationToken);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        sendAsync(request, cancellationToken);
}
