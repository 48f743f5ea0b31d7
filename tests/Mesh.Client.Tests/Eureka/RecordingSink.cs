using Mesh.Client.Discovery;

namespace Mesh.Client.Tests.Eureka;

/// <summary>Records what a source publishes, as text: <c>orders=http://a:1/,http://b:2/</c>, and <c>ready</c>.</summary>
internal sealed class RecordingSink : IMeshSink
{
    private readonly Lock _gate = new();
    private readonly List<string> _events = [];

    public Dictionary<string, IReadOnlyList<EndpointDescription>> Services { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string?> Reasons { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, IReadOnlySet<string>?> Leaving { get; } = new(StringComparer.Ordinal);

    /// <summary>Services that stay known.</summary>
    public HashSet<string> Called { get; } = new(StringComparer.Ordinal);

    public IReadOnlySet<string> Refused { get; private set; } = new HashSet<string>();

    /// <summary>What calls ask for.</summary>
    public RefreshSignal Signal { get; } = new();

    public Task NewsWanted => Signal.Asked;

    public Task NewsNeeded => Signal.Needed;

    public bool Withdraw(string service) => !Called.Contains(service) && Services.Remove(service);

    public void LeaveOut(IReadOnlySet<string> names) => Refused = names;

    public void BeginRead() => Signal.Begin();

    public void EndRead(TimeSpan pause, string? failure = null) => Signal.End(new RegistryReading(0, 0, pause, failure));

    public void StopReading() => Signal.Stop();

    public MeshUpdateResult Publish(MeshUpdate update)
    {
        var service = Assert.IsType<ServiceUpdate>(update);
        lock (_gate)
        {
            // An update may bring nothing new but a reason.
            var known = Services.GetValueOrDefault(service.Service);
            Services[service.Service] = service.Endpoints!;
            Reasons[service.Service] = service.Absence;
            Leaving[service.Service] = service.Leaving;
            if (!ReferenceEquals(known, service.Endpoints))
            {
                _events.Add($"{service.Service}={string.Join(',', service.Endpoints!.Select(endpoint => endpoint.Address))}");
            }
        }

        return MeshUpdateResult.Accepted;
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
