namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>Completes later, as a network does: every asynchronous layer above it has to keep its state on the heap.</summary>
internal sealed class YieldingHandler : StubHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return Answer(request);
    }
}
