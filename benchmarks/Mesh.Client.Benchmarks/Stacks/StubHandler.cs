using System.Net;

namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>Stands where the network would be, so that only the layers above it are measured.</summary>
internal abstract class StubHandler : HttpMessageHandler
{
    /// <summary>The address that the last request arrived with: shows whether a layer above has resolved it.</summary>
    public Uri? LastUri { get; private set; }

    /// <summary>A stub by the name that the command line uses.</summary>
    public static StubHandler Create(string transport) => transport == BenchmarkCase.Yield ? new YieldingHandler() : new InstantHandler();

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => Answer(request);

    /// <summary>A new response for every call, as a transport makes it.</summary>
    protected HttpResponseMessage Answer(HttpRequestMessage request)
    {
        LastUri = request.RequestUri;
        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
    }
}
