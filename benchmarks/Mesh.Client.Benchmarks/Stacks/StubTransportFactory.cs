using Mesh.Client.Model;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>Gives every endpoint of the mesh the stub instead of connections.</summary>
internal sealed class StubTransportFactory(HttpMessageHandler stub) : ITransportFactory
{
    public HttpMessageInvoker Create(string service, EndpointDescription endpoint, TransportPolicy policy) =>
        new(stub, disposeHandler: false);
}
