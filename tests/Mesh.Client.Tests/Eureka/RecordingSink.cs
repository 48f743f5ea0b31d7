using Mesh.Client.Model;

namespace Mesh.Client.Tests.Eureka;

/// <summary>Records what a source publishes, as text: <c>orders=http://a:1/,http://b:2/</c>, and <c>ready</c>.</summary>
internal sealed class RecordingSink : IServiceSink
{
    private readonly Lock _gate = new();
    private readonly List<string> _events = [];

    public Dictionary<string, IReadOnlyList<EndpointDescription>> Services { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string?> Reasons { get; } = new(StringComparer.Ordinal);

    /// <summary>Services that stay known.</summary>
    public HashSet<string> Called { get; } = new(StringComparer.Ordinal);

    public IReadOnlySet<string> Refused { get; private set; } = new HashSet<string>();

    public void Explain(string service, string? reason, bool isListed) => Reasons[service] = reason;

    public bool TryForget(string service) => !Called.Contains(service) && Services.Remove(service);

    public void Refuse(IReadOnlySet<string> names) => Refused = names;

    public void Publish(string service, IReadOnlyList<EndpointDescription> endpoints)
    {
        lock (_gate)
        {
            Services[service] = endpoints;
            _events.Add($"{service}={string.Join(',', endpoints.Select(endpoint => endpoint.Address))}");
        }
    }

    public void Ready()
    {
        lock (_gate)
        {
            _events.Add("ready");
        }
    }

    /// <summary>What happened since the last call.</summary>
    public string[] Take()
    {
        lock (_gate)
        {
            string[] taken = [.. _events];
            _events.Clear();
            return taken;
        }
    }
}
