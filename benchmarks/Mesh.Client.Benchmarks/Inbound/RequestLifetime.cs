using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Benchmarks.Inbound;

/// <summary>As the server's own: one source of cancellation for all requests of a connection, as long as none was aborted.</summary>
internal sealed class RequestLifetime : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public RequestLifetime() => RequestAborted = _source.Token;

    public CancellationToken RequestAborted { get; set; }

    public void Abort() => _source.Cancel();

    /// <summary>Between two requests.</summary>
    public void Reset() => _source.TryReset();

    public void Dispose() => _source.Dispose();
}
