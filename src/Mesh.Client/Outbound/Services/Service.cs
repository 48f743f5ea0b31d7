using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Routing;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Outbound.Services;

/// <summary>One logical service: its name, its endpoints, and the routes that its calls take. Shared by every client of the process, kept
/// across handler rotation and reloads.</summary>
internal sealed partial class Service : IDisposable
{
    private readonly ServiceDependencies _dependencies;

    /// <summary>Held while a model is applied: one after the other.</summary>
    private readonly Lock _gate = new();

    // Replaced as a whole, never written to.
    private Subset[] _subsets;
    private RouteTable _routing = RouteTable.Empty;
    private int _stackedRetriesNoted;
    private GivenUpCalls? _givenUp;

    public Service(string name, ServiceModel model, ServiceDependencies dependencies)
    {
        Name = name;
        IsHost = !name.Contains('.', StringComparison.Ordinal) && !name.Contains(':', StringComparison.Ordinal) && name != "localhost";
        _dependencies = dependencies;
        Endpoints = new ServiceEndpoints(name, model, dependencies);
        _subsets = SubsetsOf(model, []);
        _routing = RoutingOf(model, _routing);
    }

    public string Name { get; }

    /// <summary>Whether a plain <c>http://name</c> means this service. A name that may belong to DNS or the machine (<c>api.github.com</c>,
    /// <c>localhost</c>) must be configured for that: a source alone cannot capture it.</summary>
    public bool IsHost { get; set; }

    /// <summary>Whether its name has a dot and only a source knows it.</summary>
    public bool IsDotted => !IsHost && Name.Contains('.', StringComparison.Ordinal);

    public MeshClock Clock => _dependencies.Clock;

    public IRandomSource Random => _dependencies.Random;

    /// <summary>The state of the registry's answers, and how to ask for newer ones.</summary>
    public SourceSignals Refresh => _dependencies.Refresh;

    public ServiceEndpoints Endpoints { get; }

    /// <summary>All of it first.</summary>
    public ReadOnlySpan<Subset> Subsets => Volatile.Read(ref _subsets);

    /// <summary>In the order in which they are asked. A call reads them once, and keeps the one that it takes: it has the model with
    /// it.</summary>
    public ReadOnlySpan<Route> Routes => Routing.Routes;

    public RouteTable Routing => Volatile.Read(ref _routing);

    public ServiceModel Model => Routes[0].Service;

    /// <summary>Whether a call to it was ever made, and why sources have no endpoint for it.</summary>
    public ServiceStanding Standing { get; } = new();

    /// <summary>Whether this application uses it: it was called, or is named under <c>Mesh:Services</c>. A registry lists many
    /// others.</summary>
    public bool Matters => Standing.IsCalled || Model.IsNamed;

    /// <summary>Applies the model in force, if it is another one; what it does not change stays.</summary>
    /// <remarks>It is read here, one after the other: whoever comes last applies the newest one.</remarks>
    /// <param name="store">Has the model.</param>
    /// <param name="judgeAgain">Whether the rules of endpoints have changed, so that published endpoints may now be refused, or no
    /// longer.</param>
    public void Follow(MeshStore store, bool judgeAgain = false)
    {
        lock (_gate)
        {
            if (store.Of(Name) is var model && (judgeAgain || !ReferenceEquals(model, Model)))
            {
                Apply(model, judgeAgain);
            }
        }
    }

    /// <summary>Applies a model; what it does not change stays.</summary>
    /// <param name="model">The service's model.</param>
    /// <param name="judgeAgain">As of <see cref="Follow"/>.</param>
    public void Apply(ServiceModel model, bool judgeAgain = false)
    {
        lock (_gate)
        {
            var old = _subsets;
            var subsets = SubsetsOf(model, old);
            Volatile.Write(ref _subsets, subsets);
            Volatile.Write(ref _routing, RoutingOf(model, _routing));
            Endpoints.Apply(model, judgeAgain);
            if (ReferenceEquals(subsets, old))
            {
                // As for nearly all of the thousands that a registry may name.
                return;
            }

            foreach (var gone in old.Select(static subset => subset.Balancer).Except(subsets.Select(static subset => subset.Balancer)))
            {
                Endpoints.Forget(gone);
            }
        }
    }

    /// <summary>A gRPC retry policy repeats calls to this service above the mesh, which already retries what is safe. Logged
    /// once.</summary>
    public void NoteStackedRetries()
    {
        if (Interlocked.Exchange(ref _stackedRetriesNoted, 1) == 0)
        {
            LogStackedRetries(_dependencies.Logger, Name);
        }
    }

    /// <summary>A call was given up by its caller before there was an answer.</summary>
    /// <param name="endpoint">Where it waited.</param>
    /// <param name="start">When it was sent.</param>
    /// <param name="timeout">How long it might have taken.</param>
    /// <param name="key">Where that is set.</param>
    public void NoteGivenUp(Endpoint endpoint, MeshTime start, TimeSpan timeout, Func<string> key)
    {
        var now = Clock.Now;
        if (LazyInitializer.EnsureInitialized(ref _givenUp).Note(endpoint, start, now))
        {
            LogGivenUp(_dependencies.Logger, Name, endpoint.Name, (int)(now - start).TotalMilliseconds, timeout, key());
        }
    }

    public void Dispose() => Endpoints.Dispose();

    private Subset[] SubsetsOf(ServiceModel model, Subset[] before)
    {
        Subset[] next = [.. model.Subsets.Select(subset => Subset.Create(
            subset, Array.Find(before, known => known.Model.Name == subset.Name), Endpoints, _dependencies))];
        return next.SequenceEqual(before) ? before : next;
    }

    private RouteTable RoutingOf(ServiceModel model, RouteTable before)
    {
        // Nearly all services have one route only.
        var known = before.Routes.Length <= 1
            ? null
            : before.Routes.ToDictionary(static route => route.Model.Name, StringComparer.OrdinalIgnoreCase);
        Route[] routes =
        [
            .. model.Routes.Select(route => RouteOf(
                model,
                route,
                known is not null ? known.GetValueOrDefault(route.Name)
                : route.Name == RouteModel.DefaultName ? before.Routes.FirstOrDefault()
                : null)),
        ];
        return new RouteTable(
            routes,
            routes.Length == 1 ? null
            : routes.Select(static route => route.Model).SequenceEqual(before.Routes.Select(static route => route.Model)) ? before.Index
            : new RouteIndex([.. routes[..^1].Select(static route => route.Model.Matches)]));
    }

    private Route RouteOf(ServiceModel service, RouteModel route, Route? before)
    {
        var learned = before?.Learned ?? new LearnedTimeout();

        // For now each route has one target: the service itself, all of it.
        Target[] targets = [.. route.Targets.Select(_ => new Target(Endpoints, _subsets[0], route.Policy, learned))];
        return new Route(service, route, before?.Targets.SequenceEqual(targets) == true ? before.Targets : targets, learned);
    }

    [LoggerMessage(
        1400,
        LogLevel.Warning,
        "A gRPC retry policy above the mesh repeats calls to service '{Service}' (grpc-previous-rpc-attempts). The mesh retries such a "
        + "repetition only if no endpoint has received it. Remove the policy, or set MaxRetries of the service to 0.",
        EventName = "StackedGrpcRetries")]
    private static partial void LogStackedRetries(ILogger logger, string service);

    [LoggerMessage(
        1401,
        LogLevel.Warning,
        "Five calls in a row to service '{Service}' were given up by their callers, the last one after {Waited} ms, while endpoint {Endpoint} "
        + "answered nothing. Such a call is neither repeated elsewhere nor counted against the endpoint. If HttpClient.Timeout is shorter "
        + "than the Timeout of these calls ({Timeout}), set a shorter one: {Key}.",
        EventName = "CallsGivenUp")]
    private static partial void LogGivenUp(ILogger logger, string service, string endpoint, int waited, TimeSpan timeout, string key);
}
