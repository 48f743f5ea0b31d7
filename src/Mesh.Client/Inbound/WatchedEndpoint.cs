using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>The endpoint of a request, with the steps before it. The server's own feature keeps it: this has no state, so that it can
/// serve the next request of the connection, and the host finds the endpoint after the end.</summary>
internal sealed class WatchedEndpoint(EndpointSteps steps, IEndpointFeature inner) : IEndpointFeature
{
    public Endpoint? Endpoint
    {
        get => inner.Endpoint;
        set => inner.Endpoint = steps.Around(value);
    }
}
