using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests;

/// <summary>Endpoints that do what a test says, instead of sockets.</summary>
internal sealed class ScriptedNetwork : ITransportFactory
{
    private readonly ConcurrentDictionary<string, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>> _endpoints =
        new();

    /// <summary>Every request that reached an endpoint: endpoint, method and URI as it went out.</summary>
    public ConcurrentQueue<(string Endpoint, HttpMethod Method, Uri Uri, string? Host)> Received { get; } = new();

    public int Opened;

    public int Closed;

    /// <summary>Called before a pool of connections is opened.</summary>
    public Action? Opening { get; set; }

    /// <summary>How many pools of connections are open, by endpoint.</summary>
    public ConcurrentDictionary<string, int> Open { get; } = new();

    public void On(string endpoint, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) =>
        _endpoints[endpoint] = answer;

    public void On(string endpoint, HttpStatusCode status) => On(endpoint, (_, _) => Task.FromResult(new HttpResponseMessage(status)));

    public void Refuse(string endpoint) => On(endpoint, (_, _) => throw Refused());

    public static HttpRequestException Refused() =>
        new(HttpRequestError.ConnectionError, "Connection refused", new SocketException((int)SocketError.ConnectionRefused));

    public HttpMessageInvoker Create(string service, EndpointDescription endpoint, TransportPolicy policy)
    {
        Opening?.Invoke();
        Interlocked.Increment(ref Opened);
        var name = $"{endpoint.Address.Host}:{endpoint.Address.Port}";
        Open.AddOrUpdate(name, 1, static (_, open) => open + 1);
        return new HttpMessageInvoker(new Handler(this, name));
    }

    public int CountOf(string endpoint) => Received.Count(r => r.Endpoint == endpoint);

    private sealed class Handler(ScriptedNetwork network, string endpoint) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            network.Received.Enqueue((endpoint, request.Method, request.RequestUri!, request.Headers.Host));
            return network._endpoints.TryGetValue(endpoint, out var answer)
                ? answer(request, cancellationToken)
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(endpoint) });
        }

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            SendAsync(request, cancellationToken).GetAwaiter().GetResult();

        protected override void Dispose(bool disposing)
        {
            Interlocked.Increment(ref network.Closed);
            network.Open.AddOrUpdate(endpoint, 0, static (_, open) => open - 1);
            base.Dispose(disposing);
        }
    }
}
