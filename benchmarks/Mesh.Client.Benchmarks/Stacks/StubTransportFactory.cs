using Mesh.Client.Calls;
using Mesh.Client.Transport;

namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>Gives every endpoint of the mesh the stub instead of connections.</summary>
internal sealed class StubTransportFactory(HttpMessageHandler stub) : ITransportFactory
{
    public HttpMessageInvoker Create(string service, EndpointDescription endpoint, ServicePolicy policy) =>
        new(stub, disposeHandler: false);
}
