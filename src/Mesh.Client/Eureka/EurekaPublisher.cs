using Mesh.Client.Discovery;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Eureka;

/// <summary>Turns listed instances into services by name, with the believed ones as endpoints, and
/// publishes the services that changed.</summary>
/// <remarks>Used by one loop only; not safe for more.</remarks>
internal sealed partial class EurekaPublisher
{
    private readonly IEndpointSink _sink;
    private readonly IServiceSink? _names;
    private readonly GuardedLogger<LogCategories.EurekaSource> _logger;
    private readonly PublishedNames _services;
    private readonly List<PublishedService> _touched = [];

    /// <summary>Believed, and not to be called.</summary>
    private readonly Dictionary<InstanceKey, EurekaInstance> _unusable = [];
    private IReadOnlyList<string> _empty = [];
    private InstanceUse _use;
    private bool _full;

    public EurekaPublisher(IEndpointSink sink, GuardedLogger<LogCategories.EurekaSource> logger)
    {
        _sink = sink;
        _names = sink as IServiceSink;
        _logger = logger;
        _services = new PublishedNames(_names);
    }

    /// <param name="changes">What has changed since the last time.</param>
    /// <param name="believed">All that are believed now, looked at only when they have to be described anew.</param>
    /// <param name="preferIPAddress">Whether instances are called by their address.</param>
    /// <param name="origin">How far the source is believed.</param>
    /// <param name="preferSecurePort">Whether instances with two ports are called at the one for TLS.</param>
    /// <param name="idle">All that are listed with another status than UP, looked at only when
    /// names that found no place can be taken.</param>
    /// <returns>Whether anything has changed for callers.</returns>
    public bool Publish(
        BelievedChanges changes,
        IEnumerable<EurekaInstance> believed,
        bool preferIPAddress,
        EndpointOrigin origin = EndpointOrigin.Source,
        bool preferSecurePort = false,
        IEnumerable<EurekaInstance>? idle = null)
    {
        var use = new InstanceUse(preferIPAddress, preferSecurePort, origin);
        if (use == _use)
        {
            // The new ones first: one that was unusable before is still known for it.
            Add(changes.Come);
            Remove(changes.Gone);
        }
        else
        {
            Remove(changes.Gone);
            _use = use;
            DescribeAnew(believed);
        }

        Count(changes.IdleCome, 1);
        Count(changes.IdleGone, -1);
        if (changes.EmptyApplications is { } empty)
        {
            TakeEmpty(empty);
        }

        var changed = PublishTouched();
        if (_services.MakeRoomForRefused())
        {
            StartOver(believed, idle ?? []);
            changed |= PublishTouched();
        }

        if (_services.TakeRefused() is { } refused)
        {
            _names?.Refuse(refused);
        }

        return changed;
    }

    private bool PublishTouched()
    {
        var changed = false;
        foreach (var service in _touched)
        {
            // A service that has no instance is published as empty, so that its name is a service.
            if (service.Update())
            {
                changed = true;
                LogPublished(service.Name, service.Endpoints.Length);
                _sink.Publish(service.Name, service.Endpoints);
            }

            if (service.TakeReason(out var reason))
            {
                _names?.Explain(service.Name, reason);
            }

            _services.Settle(service);
        }

        _touched.Clear();
        return changed;
    }

    private void DescribeAnew(IEnumerable<EurekaInstance> believed)
    {
        foreach (var service in _services.All)
        {
            service.ClearMembers();
            Touch(service);
        }

        Add(believed);
        foreach (var (key, instance) in _unusable)
        {
            if (instance.Endpoint is not null)
            {
                _unusable.Remove(key);
                CountUnusable(instance, -1, null);
            }
        }
    }

    /// <summary>There is room again: the names that were refused are taken, in the order of what is listed now.</summary>
    private void StartOver(IEnumerable<EurekaInstance> believed, IEnumerable<EurekaInstance> idle)
    {
        _services.ForgetRefused();
        foreach (var service in _services.All)
        {
            service.Clear();
            Touch(service);
        }

        _unusable.Clear();
        Add(believed);
        Count(idle, 1);
        var empty = _empty;
        _empty = [];
        TakeEmpty(empty);
    }

    private void Add(IEnumerable<EurekaInstance> instances)
    {
        foreach (var instance in instances)
        {
            instance.Endpoint = EurekaEndpoint.Describe(instance, _use.ByAddress, out var problem, _use.Origin, _use.PreferSecurePort);
            if (problem is null)
            {
                foreach (var name in NamesOf(instance))
                {
                    Place(name)?.Add(instance);
                }

                continue;
            }

            if (_unusable.TryGetValue(instance.Key, out var before))
            {
                CountUnusable(before, -1, null);
            }
            else
            {
                LogUnusable(Printable.Of(instance.Id), Printable.Of(instance.Names.App), problem);
            }

            _unusable[instance.Key] = instance;
            CountUnusable(instance, 1, problem);
        }
    }

    private void Remove(IEnumerable<EurekaInstance> instances)
    {
        foreach (var instance in instances)
        {
            if (instance.Endpoint is not null)
            {
                foreach (var name in NamesOf(instance))
                {
                    Placed(name)?.Remove(instance);
                }
            }
            else if (_unusable.TryGetValue(instance.Key, out var unusable) && ReferenceEquals(unusable, instance))
            {
                _unusable.Remove(instance.Key);
                CountUnusable(instance, -1, null);
            }
        }
    }

    private void CountUnusable(EurekaInstance instance, int change, string? problem)
    {
        foreach (var name in EurekaEndpoint.NamesOf(instance))
        {
            (change > 0 ? Place(name) : Placed(name))?.CountUnusable(change, problem);
        }
    }

    private void Count(IEnumerable<EurekaInstance> idle, int change)
    {
        foreach (var instance in idle)
        {
            foreach (var name in EurekaEndpoint.NamesOf(instance))
            {
                (change > 0 ? Place(name) : Placed(name))?.CountIdle(instance.Status, change);
            }
        }
    }

    private void TakeEmpty(IReadOnlyList<string> empty)
    {
        foreach (var app in _empty)
        {
            if (Placed(app.ToLowerInvariant()) is { } service)
            {
                service.IsEmptyApplication = false;
            }
        }

        _empty = [.. empty.Where(SourceName.IsUsable)];
        foreach (var app in _empty)
        {
            if (Place(app.ToLowerInvariant()) is { } service)
            {
                service.IsEmptyApplication = true;
            }
        }
    }

    /// <summary>The service of a name, new or known; null if the names are too many.</summary>
    private PublishedService? Place(string name)
    {
        if (_services.GetOrAdd(name) is not { } service)
        {
            ReportFull();
            return null;
        }

        Touch(service);
        return service;
    }

    /// <summary>The service of a name that was placed; null if the names were too many.</summary>
    private PublishedService? Placed(string name)
    {
        if (_services.Find(name) is not { } service)
        {
            return null;
        }

        Touch(service);
        return service;
    }

    private static string[] NamesOf(EurekaInstance instance) => instance.Names.Services(instance.Endpoint!.IsSecure);

    private void Touch(PublishedService service)
    {
        if (!service.IsTouched)
        {
            service.IsTouched = true;
            _touched.Add(service);
        }
    }

    private void ReportFull()
    {
        if (!_full)
        {
            _full = true;
            LogFull(RegistryLimits.Services);
        }
    }

    /// <summary>How instances are called.</summary>
    /// <param name="ByAddress">By their IP address.</param>
    /// <param name="PreferSecurePort">At the port for TLS where both are open.</param>
    /// <param name="Origin">How far the source is believed.</param>
    private readonly record struct InstanceUse(bool ByAddress, bool PreferSecurePort, EndpointOrigin Origin);
}
