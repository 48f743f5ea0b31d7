namespace Mesh.Client.Outbound.Transport;

/// <summary>Sends over the connections of one endpoint. Each request is noted first, so that the connector knows which ones were waiting
/// when a connection failed.</summary>
internal sealed class EndpointInvoker(HttpMessageHandler handler, LastConnection last) : HttpMessageInvoker(handler, disposeHandler: true)
{
    public override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        last.Sending(request);
        return base.Send(request, cancellationToken);
    }

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        last.Sending(request);
        return base.SendAsync(request, cancellationToken);
    }
}
