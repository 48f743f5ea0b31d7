namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>Completes at once: no layer above it has to keep its state on the heap.</summary>
internal sealed class InstantHandler : StubHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(Answer(request));
}
