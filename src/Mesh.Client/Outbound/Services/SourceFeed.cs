using Mesh.Client.Model;

namespace Mesh.Client.Outbound.Services;

/// <summary>Passes the endpoints of one source on under the source's name.</summary>
/// <param name="source">The source.</param>
/// <param name="services">Receives them.</param>
/// <param name="heard">Told what was published.</param>
internal sealed class SourceFeed(
    IEndpointSource source, ServiceTable services, Action<string, IReadOnlyList<EndpointDescription>> heard) : IServiceSink
{
    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IEndpointSource Source => source;

    public Task FirstAnswer => _firstAnswer.Task;

    public void Publish(string service, IReadOnlyList<EndpointDescription> endpoints)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(service);
        ArgumentNullException.ThrowIfNull(endpoints);
        if (services.Publish(source.Name, service, endpoints))
        {
            heard(service, endpoints);
        }
    }

    public void Ready() => _firstAnswer.TrySetResult();

    public void Explain(string service, string? reason, bool isListed)
    {
        if (services.TryGet(service, out var known))
        {
            known.Standing.Explain(reason, isListed);
        }
    }

    public bool TryForget(string service) => services.TryForget(source.Name, service);

    public void Refuse(IReadOnlySet<string> names) => services.Refuse(names);
}
