using Mesh.Client.Model;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Creates the connections of an endpoint. Replaced where no sockets are wanted.</summary>
internal interface ITransportFactory
{
    HttpMessageInvoker Create(string service, EndpointDescription endpoint, TransportPolicy policy);
}
