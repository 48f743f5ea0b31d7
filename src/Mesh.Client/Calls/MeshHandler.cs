namespace Mesh.Client.Calls;

/// <summary>The innermost handler of every client: a stateless shell. The factory makes new ones every two minutes, so nothing may live here.</summary>
/// <param name="pipeline">What does the work.</param>
/// <param name="ownPrimary">Whether the user brought a primary handler of their own, which then carries all requests.</param>
/// <param name="primaryRoams">Whether that handler may go to other hosts than the one it is sent to: it follows redirects, or uses a proxy.</param>
internal sealed class MeshHandler(CallPipeline pipeline, bool ownPrimary, bool primaryRoams = false) : DelegatingHandler
{
    public bool OwnPrimary => ownPrimary;

    public bool PrimaryRoams => primaryRoams;

    public CallPipeline Pipeline => pipeline;

    public Task<HttpResponseMessage> SendPrimaryAsync(HttpRequestMessage request, CancellationToken cancellationToken) => base.SendAsync(request, cancellationToken);

    public HttpResponseMessage SendPrimary(HttpRequestMessage request, CancellationToken cancellationToken) => base.Send(request, cancellationToken);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        pipeline.SendAsync(request, this, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        pipeline.Send(request, this, cancellationToken);
}
