using System.Globalization;
using Mesh.Client.Discovery;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Services;

namespace Mesh.Client.State;

/// <summary>Reads the state of services as it is.</summary>
internal sealed class MeshState(ServiceDirectory directory, MeshStore store, SourceJudge judge) : IMeshState
{
    public int Generation => store.Model.Current.Generation;

    public IReadOnlyList<MeshServiceState> Services =>
        [.. directory.Services.OrderBy(static service => service.Name, StringComparer.Ordinal).Select(Of)];

    public IReadOnlyList<MeshRefusal> Refusals =>
    [
        .. store.RefusedConfiguration is { } mistakes
            ? new MeshRefusal[] { new() { Source = "configuration", Reasons = [mistakes] } } : [],
        .. judge.Refusals.Select(static refusal => new MeshRefusal
        {
            Source = refusal.Source,
            Service = refusal.Service,
            Reasons = refusal.Reasons,
        }),
    ];

    public MeshServiceState? Find(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return directory.Named(name) is { } service ? Of(service) : null;
    }

    private MeshServiceState Of(Service service)
    {
        var (model, set, now) = (service.Model, service.Endpoints.Current, service.Clock.Now);
        var used = set.Usable.ToHashSet();
        var healthy = set.Healthy.ToHashSet();
        return new MeshServiceState
        {
            Name = service.Name,
            IsCalled = service.Standing.IsCalled,
            NamedBy = service.Endpoints.NamedBy,
            Absence = service.Standing.Absence,
            RefusedEndpoints = service.Endpoints.RefusedCount,
            Routes =
            [
                .. service.Routes.ToArray().Select(static route => new MeshRouteState
                {
                    Name = route.Model.Name,
                    Targets = [.. route.Model.Targets.Select(static target => target.Subset)],
                    LearnedTimeout = route.Learned.Value is var learned && learned > TimeSpan.Zero ? learned : null,
                }),
            ],
            Subsets =
            [
                .. service.Subsets.ToArray().Select(subset => new MeshSubsetState
                {
                    Name = subset.Model.Name,
                    LoadBalancing = subset.Model.Policy.LoadBalancing,
                    IsCircuitClosed = subset.Breaker.IsClosed,
                    IsInPanic = set.Panic,
                }),
            ],
            Endpoints = [.. set.All.Select(endpoint => Of(endpoint, used.Contains(endpoint), healthy.Contains(endpoint), service, now))],
            Settings = PolicyInForce.Of(model, store.Layers(service.Name), store.DefaultLayers()),
        };
    }

    private static MeshEndpointState Of(Endpoint endpoint, bool isUsed, bool isHealthy, Service service, Primitives.MeshTime now)
    {
        var verdict = endpoint.IsDraining ? EndpointVerdict.Draining
            : endpoint.Health.IsEjected ? EndpointVerdict.Ejected
            : isUsed || !isHealthy ? EndpointVerdict.Healthy
            : EndpointVerdict.Standby;
        return new MeshEndpointState
        {
            Description = endpoint.Description,
            Verdict = verdict,
            IsUsed = isUsed,
            InFlight = endpoint.Load.InFlight,
            Reason = verdict switch
            {
                EndpointVerdict.Draining => Leaving(endpoint, service, now),
                EndpointVerdict.Ejected => Ejected(endpoint, now),
                EndpointVerdict.Standby => "This process uses other endpoints of the service.",
                _ => null,
            },
        };
    }

    private static string Leaving(Endpoint endpoint, Service service, Primitives.MeshTime now) => string.Create(
        CultureInfo.InvariantCulture,
        $"It said {(now - endpoint.DrainingSince).TotalSeconds:0} s ago that it leaves")
        + (service.Endpoints.IsLastResort(endpoint) ? ", and so does its source: it is kept as the last resort." : ".");

    private static string Ejected(Endpoint endpoint, Primitives.MeshTime now)
    {
        var health = endpoint.Health;
        var left = health.EjectedUntil - now;
        var rest = left > TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $"for {left.TotalSeconds:0.#} s more")
            : "until a trial succeeds";
        return $"Ejected {rest}. Its last failure: {health.LastFailure ?? "unknown"}.";
    }
}
