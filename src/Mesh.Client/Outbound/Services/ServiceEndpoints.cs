using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.OutlierDetection;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Outbound.Services;

/// <summary>The endpoints of one service: what configuration and sources name, as far as it may be used, and who of them is in rotation.
/// Kept across handler rotation and reloads.</summary>
internal sealed partial class ServiceEndpoints : IEjectionEvents, IDisposable
{
    private readonly ServiceDependencies _dependencies;
    private readonly SourceLists _published = new();
    private readonly SubsetSelector _selection = new();
    private readonly EndpointFactory _factory;
    private readonly EndpointAdmission _admission;
    private readonly EndpointExpansion _expansion = new();
    private readonly EndpointList _list;
    private ServiceModel _model;
    private volatile bool _resolved;
    private Endpoint[] _lastResort = [];
    private ActiveProbes? _probes;

    public ServiceEndpoints(string name, ServiceModel model, ServiceDependencies dependencies)
    {
        Name = name;
        _model = model;
        _dependencies = dependencies;
        _factory = new EndpointFactory(name, dependencies);
        _admission = new EndpointAdmission(name, dependencies.Guard);
        _list = new EndpointList(Select);
        Outliers = new OutlierDetector(_list, () => OutlierDetection, this, dependencies.Clock, dependencies.Random);
        Draining = new DrainingEndpoints(this, _list);
        using (var change = _list.Begin())
        {
            Reconcile(change);
            StartProbes();
        }
    }

    /// <summary>The name of the service.</summary>
    public string Name { get; }

    public MeshClock Clock => _dependencies.Clock;

    /// <summary>The snapshot in force.</summary>
    public EndpointSet Current => _list.Current;

    /// <summary>The outlier detection policy in force.</summary>
    public OutlierDetectionPolicy OutlierDetection => Volatile.Read(ref _model).OutlierDetection;

    public OutlierDetector Outliers { get; }

    public DrainingEndpoints Draining { get; }

    /// <summary>Whether its source lists the endpoint as leaving, and it is only kept because it has said so itself.</summary>
    public bool IsLastResort(Endpoint endpoint) => Array.IndexOf(Volatile.Read(ref _lastResort), endpoint) >= 0;

    /// <summary>Whether configuration or a source has ever named endpoints (even none): from then on it stays a service.</summary>
    public bool IsResolved => _resolved;

    /// <summary>Whether it has no endpoint because no source knows one: asking again may help.</summary>
    public bool IsEmpty => Current.All.Length == 0 && RefusedCount == 0 && WithoutTlsCount == 0;

    /// <summary>Whether a source has named it, beside or instead of the configuration.</summary>
    public bool IsPublished => !_published.IsEmpty;

    /// <summary>The number of named endpoints that the endpoint policy refuses.</summary>
    public int RefusedCount => _admission.RefusedCount;

    /// <summary>The number of named endpoints that are not used because they lack TLS and the service requires it.</summary>
    public int WithoutTlsCount => _admission.WithoutTlsCount;

    /// <summary>Takes the present list of one source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="rank">How much its word counts.</param>
    /// <param name="endpoints">Its list.</param>
    /// <param name="leaving">The ids of instances that it lists as leaving.</param>
    public void Publish(
        string source, MeshSourceRank rank, IReadOnlyList<EndpointDescription> endpoints, IReadOnlySet<string>? leaving = null)
    {
        using (var change = _list.Begin())
        {
            var known = _published.TryGet(source, out var before);
            _published.Set(source, new SourceList(rank, endpoints, leaving));
            try
            {
                Reconcile(change, judgeAgain: false);
            }
            catch (Exception)
            {
                // What cannot be used must not stand in the way of every later change.
                if (known)
                {
                    _published.Set(source, before);
                }
                else
                {
                    _published.Remove(source);
                }

                throw;
            }
        }
    }

    /// <summary>Forgets what a source has said.</summary>
    public void Withdraw(string source)
    {
        using (var change = _list.Begin())
        {
            if (_published.Remove(source))
            {
                Reconcile(change, judgeAgain: false);
            }
        }
    }

    /// <summary>Who names the endpoints that are in force.</summary>
    public IReadOnlyList<string> NamedBy
    {
        get
        {
            using (_list.Begin())
            {
                return _published.Deciding(_model);
            }
        }
    }

    /// <summary>Who says that there is no endpoint, although a source that counts less names some; empty for nobody.</summary>
    public IReadOnlyList<string> Overruling
    {
        get
        {
            using (_list.Begin())
            {
                return _published.Overruling(_model);
            }
        }
    }

    /// <summary>Whether this source has named it.</summary>
    public bool IsOf(string source)
    {
        using (_list.Begin())
        {
            return _published.Has(source);
        }
    }

    /// <summary>Whether only this source has named it.</summary>
    public bool IsOnlyOf(string source)
    {
        using (_list.Begin())
        {
            return _published.Sources.All(name => name == source);
        }
    }

    /// <summary>Applies a new model after a reload; what it does not change stays.</summary>
    /// <param name="model">The service's model.</param>
    /// <param name="judgeAgain">Whether the rules of endpoints have changed, so that published endpoints may now be refused, or no
    /// longer.</param>
    public void Apply(ServiceModel model, bool judgeAgain)
    {
        using (var change = _list.Begin())
        {
            var old = _model;
            Volatile.Write(ref _model, model);
            if (old == model && !judgeAgain)
            {
                return;
            }

            if (old.OutlierDetection != model.OutlierDetection)
            {
                StartProbes();
            }

            Reconcile(change);
            if (old.Transport != model.Transport)
            {
                var settings = _factory.SettingsFor(model.Transport);
                foreach (var endpoint in change.All)
                {
                    endpoint.Follow(settings);
                }
            }
        }
    }

    /// <summary>Drops what a load balancing policy that is no longer used has kept about the endpoints.</summary>
    public void Forget(ILoadBalancer balancer)
    {
        using (var change = _list.Begin())
        {
            foreach (var endpoint in change.All)
            {
                endpoint.RemoveState(balancer);
            }
        }
    }

    /// <summary>Takes the present addresses of configured names.</summary>
    public void Resolve(IReadOnlyDictionary<string, IPAddress[]> addresses)
    {
        using (var change = _list.Begin())
        {
            if (_expansion.Take(addresses) && EndpointExpansion.IsWanted(_model.Endpoints))
            {
                Reconcile(change, judgeAgain: false);
            }
        }
    }

    /// <summary>The locality of this process has changed: it may use other endpoints.</summary>
    public void Relocate()
    {
        using (var change = _list.Begin())
        {
            change.Rebuild();
        }
    }

    /// <summary>Checks whether this process uses too few or too many endpoints for its requests in flight.</summary>
    /// <param name="set">The set that the calling attempt has picked from.</param>
    /// <param name="now">When its size was found to be due for a look.</param>
    public void Resize(EndpointSet set, MeshTime now)
    {
        using (var change = _list.Begin())
        {
            // All threads that meet a busy endpoint at once come here. Their set counts only while it is in force: the first thread has
            // done the work for all.
            var current = change.Current;
            if ((ReferenceEquals(set, current) || ReferenceEquals(set, current.Secure)) && _selection.Growth.Change(set.Usable, now))
            {
                change.Rebuild();
            }
        }
    }

    public void Ejected(Endpoint endpoint, EjectionReason reason, string cause, TimeSpan length)
    {
        _dependencies.Metrics.Ejected(Name, endpoint.Name, reason);
        LogEjected(_dependencies.Logger, endpoint.Name, Name, length.TotalSeconds, reason, cause);
    }

    /// <summary>An endpoint is not draining any more: if it was kept for that alone, it goes.</summary>
    public void DrainingEnded(in EndpointList.Change change, Endpoint endpoint)
    {
        if (IsLastResort(endpoint))
        {
            Reconcile(change, judgeAgain: false);
        }
        else
        {
            change.Rebuild();
        }
    }

    /// <summary>The source's description of an endpoint looks old: ask it early. Configured endpoints have no source to ask.</summary>
    public void AskSource(Endpoint endpoint)
    {
        if (endpoint.Description.Origin != EndpointOrigin.Configuration)
        {
            _dependencies.Refresh.Ask();
        }
    }

    /// <summary>The same where there is no other endpoint.</summary>
    public void NeedSource() => _dependencies.Refresh.Need(_dependencies.Clock.TimeProvider);

    public void Dispose()
    {
        _probes?.Dispose();
        Draining.Dispose();
        using var change = _list.Begin();
        foreach (var endpoint in change.All)
        {
            // Not for good: objects created before the mesh are disposed of after it, and may send their last data then.
            endpoint.CloseConnections(forGood: false);
        }
    }

    /// <summary>Rebuilds the endpoints from configuration and sources. Those with an unchanged address are kept.</summary>
    /// <param name="change">The change of the list.</param>
    /// <param name="judgeAgain">Whether endpoints with an unchanged description may have to be used in another way, or not at all.</param>
    private void Reconcile(in EndpointList.Change change, bool judgeAgain = true)
    {
        var wanted = _published.IsEmpty || _published.AreOutranked(_model) ? _expansion.Expand(_model.Endpoints) : _published.Endpoints();
        var named = wanted.Length;
        var kept = Array.FindAll(change.All, endpoint => IsLeaving(endpoint, wanted));
        if (kept.Length > 0)
        {
            wanted = [.. wanted, .. kept.Select(static endpoint => endpoint.Description)];
        }

        var diff = judgeAgain ? EndpointDiff.Everything(change.All, wanted) : EndpointDiff.Between(change.All, wanted);
        var leaving = diff.Leaving.ToDictionary(e => e.Description, AddressComparer.Instance);
        var seen = new HashSet<EndpointDescription>(AddressComparer.Instance);
        var gaps = false;
        _admission.Begin();
        foreach (var i in diff.Fresh)
        {
            if (_admission.Admit(wanted[i], _model.RequireTls) is not { } description || !seen.Add(description))
            {
                gaps = true;
                continue;
            }

            if (leaving.TryGetValue(description, out var endpoint) && endpoint.Description.TlsName == description.TlsName
                && endpoint.Description.Host == description.Host && endpoint.Description.Origin == description.Origin)
            {
                leaving.Remove(description);
                DrainingEndpoints.Compare(endpoint, description);
                endpoint.Description = description;
            }
            else if (i < named)
            {
                endpoint = _factory.Create(description, _model.Transport);
            }
            else
            {
                // The last resort is kept as it is, or not at all.
                gaps = true;
                continue;
            }

            diff.Kept[i] = endpoint;
        }

        // Not all of them may be admitted any more.
        Volatile.Write(
            ref _lastResort, kept.Length == 0 ? kept : Array.FindAll(kept, endpoint => Array.IndexOf(diff.Kept, endpoint, named) >= 0));
        if (judgeAgain || !diff.IsEmpty)
        {
            // For a large service this array is the main cost of a small change: it is not copied.
            change.Replace(gaps ? [.. diff.Kept.OfType<Endpoint>()] : (Endpoint[])diff.Kept!);
        }

        // Last, because a reader that sees "resolved" then reads the endpoints, and must not find the old ones.
        _resolved |= _model.Endpoints.Length > 0 || !_published.IsEmpty;
        foreach (var endpoint in leaving.Values)
        {
            _ = new RetiredEndpoint(endpoint, Clock.TimeProvider);
        }
    }

    /// <summary>Whether an endpoint has said itself that it leaves, and its source, which says so too, does not name it any more. It
    /// finishes what comes until it ends. Of one that is taken out without that word (by an operator, by a health check) this is not
    /// known, and one that its source does not list at all may have given its address to another service.</summary>
    private bool IsLeaving(Endpoint endpoint, EndpointDescription[] wanted)
    {
        return endpoint.IsServingOn
            && endpoint.Description.InstanceId is { } id
            && _published.ListAsLeaving(id)
            && !_published.AreOutranked(_model)
            && !Array.Exists(wanted, endpoint.Description.HasAddressOf);
    }

    /// <summary>Builds the snapshot to publish. Only within a change of the list.</summary>
    private EndpointSet Select(Endpoint[] all)
    {
        var before = Current;
        var next = _selection.Select(all, _model.Policy, _model.OutlierDetection, _dependencies.Locality.Current);
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

        return next;
    }

    private void StartProbes()
    {
        _probes?.Dispose();
        _probes = _model.OutlierDetection is { Enabled: true, Probe: { } probe }
            ? new ActiveProbes(
                Name,
                _list,
                Outliers,
                () => (Volatile.Read(ref _model).IsNamed, OutlierDetection.Statuses),
                probe,
                _dependencies.Metrics,
                _dependencies.Clock,
                _dependencies.Random)
            : null;
    }
}
