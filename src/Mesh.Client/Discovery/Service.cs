using System.Net;
using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Locality;
using Mesh.Client.Calls;
using Mesh.Client.OutlierDetection;
using Mesh.Client.Resilience;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>One logical service and all state that belongs to its name: shared by every client of the process, kept
/// across handler rotation and reloads.</summary>
internal sealed partial class Service : IDisposable
{
    private readonly ServiceDependencies _dependencies;
    private readonly Dictionary<string, IReadOnlyList<EndpointDescription>> _published = new(StringComparer.Ordinal);
    private readonly EndpointSelection _selection = new();
    private readonly EndpointFactory _factory;
    private readonly EndpointAdmission _admission;
    private readonly EndpointExpansion _expansion = new();
    private ServicePolicy _policy;
    private EndpointSet _endpoints = EndpointSet.Empty;
    private ILoadBalancer _balancer;
    private CircuitBreaker _breaker;
    private volatile bool _resolved;
    private Endpoint[] _all = [];
    private ActiveProbes? _probes;

    public Service(string name, ServicePolicy policy, ServiceDependencies dependencies)
    {
        Name = name;
        IsHost = !name.Contains('.', StringComparison.Ordinal) && !name.Contains(':', StringComparison.Ordinal) && name != "localhost";
        _policy = policy;
        _dependencies = dependencies;
        _factory = new EndpointFactory(name, dependencies);
        _admission = new EndpointAdmission(name, dependencies.Guard);
        _balancer = dependencies.LoadBalancers.Create(policy.LoadBalancing, name);
        _breaker = dependencies.Breakers.Create(name, policy.CircuitBreaker);
        Outliers = new OutlierDetector(this);
        Draining = new DrainingEndpoints(this);
        Budget = new RetryBudget(dependencies.Clock);
        Reconcile();
        StartProbes();
    }

    public string Name { get; }

    /// <summary>Whether a plain <c>http://name</c> means this service. A name that DNS or the machine may own (<c>api.github.com</c>,
    /// <c>localhost</c>) must be configured for that: a source alone cannot capture it.</summary>
    public bool IsHost { get; set; }

    /// <summary>Whether its name has a dot and only a source knows it.</summary>
    public bool IsDotted => !IsHost && Name.Contains('.', StringComparison.Ordinal);

    public MeshClock Clock => _dependencies.Clock;

    public IRandomSource Random => _dependencies.Random;

    /// <summary>Guards the list of endpoints and their ejections. Never taken by a call that succeeds.</summary>
    public Lock Gate { get; } = new();

    public ServicePolicy Policy => Volatile.Read(ref _policy);

    public EndpointSet Endpoints => Volatile.Read(ref _endpoints);

    public ILoadBalancer Balancer => Volatile.Read(ref _balancer);

    public CircuitBreaker Breaker => Volatile.Read(ref _breaker);

    public OutlierDetector Outliers { get; }

    public DrainingEndpoints Draining { get; }

    public RetryBudget Budget { get; }

    public LearnedTimeout LearnedTimeout { get; } = new();

    /// <summary>Whether configuration or a source has ever named endpoints (even none): then it is a service for ever.</summary>
    public bool IsResolved => _resolved;

    /// <summary>Whether a call to it was ever made, and why sources have no endpoint for it.</summary>
    public ServiceStanding Standing { get; } = new();

    /// <summary>Whether this application has to do with it: it was called, or is named under <c>Mesh:Services</c>. A registry lists many
    /// others.</summary>
    public bool Matters => Standing.IsCalled || Policy.IsNamed;

    /// <summary>What is known of the registry, and how to ask for more.</summary>
    public RefreshSignal Refresh => _dependencies.Refresh;

    /// <summary>Whether it has no endpoint because no source knows one: asking again may help.</summary>
    public bool IsEmpty => Endpoints.All.Length == 0 && RefusedCount == 0 && WithoutTlsCount == 0;

    /// <summary>Whether a source has named it, beside or instead of the configuration.</summary>
    public bool IsPublished => _published.Count > 0;

    /// <summary>How many endpoints were named and are not used, because the endpoint policy refuses them.</summary>
    public int RefusedCount => _admission.RefusedCount;

    /// <summary>How many endpoints were named and are not used, because they do not speak TLS and the service requires it.</summary>
    public int WithoutTlsCount => _admission.WithoutTlsCount;

    /// <summary>Takes what one source says now.</summary>
    public void Publish(string source, IReadOnlyList<EndpointDescription> endpoints)
    {
        lock (Gate)
        {
            _published[source] = endpoints;
            Reconcile(judgeAgain: false);
        }
    }

    /// <summary>Whether this source has named it.</summary>
    public bool IsOf(string source)
    {
        lock (Gate)
        {
            return _published.ContainsKey(source);
        }
    }

    /// <summary>Whether only this source has named it.</summary>
    public bool IsOnlyOf(string source)
    {
        lock (Gate)
        {
            return _published.Keys.All(name => name == source);
        }
    }

    /// <summary>Takes a new policy after a reload; what it does not change stays.</summary>
    /// <param name="policy">The service's policy.</param>
    /// <param name="judgeAgain">Whether the endpoint policy has changed, so that what was
    /// published may now be refused, or no longer.</param>
    public void Apply(ServicePolicy policy, bool judgeAgain = false)
    {
        lock (Gate)
        {
            var old = _policy;
            if (old == policy && !judgeAgain)
            {
                return;
            }

            Volatile.Write(ref _policy, policy);
            if (old.LoadBalancing != policy.LoadBalancing)
            {
                Volatile.Write(ref _balancer, _dependencies.LoadBalancers.Create(policy.LoadBalancing, Name));
                foreach (var endpoint in _all)
                {
                    // The next policy does not find what it did not write.
                    endpoint.BalancerState = null;
                }
            }

            if (old.CircuitBreaker != policy.CircuitBreaker)
            {
                Volatile.Write(ref _breaker, _dependencies.Breakers.Create(Name, policy.CircuitBreaker));
            }

            if (old.OutlierDetection != policy.OutlierDetection)
            {
                StartProbes();
            }

            // Connections are made with these settings: endpoints start anew when they change.
            Reconcile(keepEndpoints: old.ConnectTimeout == policy.ConnectTimeout && old.HostHeader == policy.HostHeader
                && old.TlsName == policy.TlsName);
        }
    }

    /// <summary>Takes what the names of configured endpoints resolve to now.</summary>
    public void Resolve(IReadOnlyDictionary<string, IPAddress[]> addresses)
    {
        lock (Gate)
        {
            if (_expansion.Take(addresses) && EndpointExpansion.IsWanted(_policy.Endpoints))
            {
                Reconcile(judgeAgain: false);
            }
        }
    }

    public bool Contains(Endpoint endpoint) => Array.IndexOf(_all, endpoint) >= 0;

    /// <summary>Publishes a new snapshot after a change of the endpoints or of their health. The caller holds <see cref="Gate"/>.</summary>
    public void Rebuild()
    {
        var before = _endpoints;
        var next = _selection.Select(_all, _policy, _dependencies.Whereabouts.Current);
        Volatile.Write(ref _endpoints, next);
        if (next.Panic && !before.Panic)
        {
            LogPanic(_dependencies.Logger, Name, next.Healthy.Length, next.All.Length - next.Draining.Length);
        }

        if (next.StandbyCount > 0
            && _dependencies.Logger.IsEnabled(LogLevel.Debug)
            && next.Usable.Except(before.Usable).Count() is > 0 and var joined)
        {
            LogSubset(_dependencies.Logger, Name, next.Usable.Length, next.All.Length, joined);
        }
    }

    /// <summary>This process stands elsewhere among its peers: it may use other endpoints.</summary>
    public void Relocate()
    {
        lock (Gate)
        {
            Rebuild();
        }
    }

    /// <summary>Looks whether this process uses enough endpoints for what it has under way, or too many.</summary>
    /// <param name="set">What the call that asks has chosen from.</param>
    /// <param name="now">Microseconds.</param>
    public void Resize(EndpointSet set, long now)
    {
        lock (Gate)
        {
            // All threads that meet a busy endpoint at once come here. What they saw is judged only as long as
            // it is in force: the first has done it for all.
            var current = _endpoints;
            if ((ReferenceEquals(set, current) || ReferenceEquals(set, current.Secure)) && _selection.Growth.Change(set.Usable, now))
            {
                Rebuild();
            }
        }
    }

    public void Ejected(Endpoint endpoint, EjectionReason reason, string cause, TimeSpan length)
    {
        _dependencies.Metrics.Ejected(Name, endpoint, reason);
        LogEjected(_dependencies.Logger, endpoint.Name, Name, length.TotalSeconds, reason, cause);
    }

    /// <summary>What the source says of an endpoint looks old: it should be asked before its time. What the
    /// configuration says cannot be asked for.</summary>
    public void AskSource(Endpoint endpoint)
    {
        if (endpoint.Description.Origin != EndpointOrigin.Configuration)
        {
            _dependencies.Refresh.Ask();
        }
    }

    public void Dispose()
    {
        _probes?.Dispose();
        Draining.Dispose();
        foreach (var endpoint in _all)
        {
            // Not for good: what was made before the mesh is disposed of after it, and may send its last data then.
            endpoint.CloseConnections(forGood: false);
        }
    }

    /// <summary>Rebuilds the endpoints from configuration and sources, keeping those whose address stays. The caller holds
    /// <see cref="Gate"/>, or is the constructor.</summary>
    /// <param name="keepEndpoints">Whether connections may stay as they are.</param>
    /// <param name="judgeAgain">Whether those that the sources describe as before may have to
    /// be used in another way, or not at all.</param>
    private void Reconcile(bool keepEndpoints = true, bool judgeAgain = true)
    {
        EndpointDescription[] wanted = _policy.Endpoints.Length > 0 ? _expansion.Expand(_policy.Endpoints)
            : _published.Count == 1 && _published.Values.First() is EndpointDescription[] only ? only
            : [.. _published.Values.SelectMany(list => list)];
        var diff = judgeAgain ? EndpointDiff.Everything(_all, wanted) : EndpointDiff.Between(_all, wanted);
        var leaving = diff.Leaving.ToDictionary(e => e.Description, AddressComparer.Instance);
        var seen = new HashSet<EndpointDescription>(AddressComparer.Instance);
        var gaps = false;
        _admission.Begin();
        foreach (var i in diff.Fresh)
        {
            if (_admission.Admit(wanted[i], _policy) is not { } description || !seen.Add(description))
            {
                gaps = true;
                continue;
            }

            if (keepEndpoints && leaving.TryGetValue(description, out var endpoint) && endpoint.Description.TlsName == description.TlsName
                && endpoint.Description.SpeaksOwnName == description.SpeaksOwnName && endpoint.Description.Origin == description.Origin)
            {
                leaving.Remove(description);
                DrainingEndpoints.Compare(endpoint, description);
                endpoint.Description = description;
            }
            else
            {
                endpoint = _factory.Create(description, _policy);
            }

            diff.Kept[i] = endpoint;
        }

        if (judgeAgain || !diff.IsEmpty)
        {
            // Of a large service this array is what a small change costs: it is not copied.
            _all = gaps ? [.. diff.Kept.OfType<Endpoint>()] : (Endpoint[])diff.Kept!;
            Rebuild();
        }

        // Last, because a reader that sees "resolved" then reads the endpoints, and must not find the old ones.
        _resolved |= _policy.Endpoints.Length > 0 || _published.Count > 0;
        foreach (var endpoint in leaving.Values)
        {
            _ = new RetiredEndpoint(endpoint, Clock.TimeProvider);
        }
    }

    private void StartProbes()
    {
        _probes?.Dispose();
        _probes = _policy.OutlierDetection is { Enabled: true, Probe: { } probe }
            ? new ActiveProbes(this, _dependencies.Metrics, probe)
            : null;
    }
}
