using System.Diagnostics;

namespace Mesh.Client.Benchmarks.Propagation;

/// <summary>Writes trace context and baggage into a request, as the runtime's own handler does above the network.</summary>
internal sealed class PropagatingHandler(HttpMessageHandler inner, DistributedContextPropagator propagator) : DelegatingHandler(inner)
{
    /// <summary>Told of each request that leaves, while somebody wants to know.</summary>
    public Action<HttpRequestMessage>? Leaving { get; set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        propagator.Inject(Activity.Current, request, static (carrier, name, value) =>
        {
            var headers = ((HttpRequestMessage)carrier!).Headers;
            if (!headers.NonValidated.Contains(name))
            {
                headers.TryAddWithoutValidation(name, value);
            }
        });
        Leaving?.Invoke(request);
        return base.SendAsync(request, cancellationToken);
    }
}
