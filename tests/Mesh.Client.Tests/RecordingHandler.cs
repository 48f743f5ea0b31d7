using System.Net;

namespace Mesh.Client.Tests;

/// <summary>A primary handler of the user: keeps what arrives, and answers 200 or as told.</summary>
internal sealed class RecordingHandler(
    Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>? answer = null) : HttpMessageHandler
{
    public List<(HttpMethod Method, string Uri, string? Host)> Received { get; } = [];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Received.Add((request.Method, request.RequestUri!.AbsoluteUri, request.Headers.Host));
        return answer is null
            ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request })
            : answer(request, cancellationToken);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();
}
