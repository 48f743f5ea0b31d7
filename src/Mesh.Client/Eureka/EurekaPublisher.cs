using Mesh.Client.Discovery;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Eureka;

/// <summary>Turns the listed instances into services by name, with the accepted ones as endpoints, and publishes the services that
/// changed.</summary>
/// <remarks>Used by one loop only; not safe for more.</remarks>
internal sealed partial class EurekaPublisher
{
    private readonly IMeshSink _sink;
    private readonly GuardedLogger<LogCategories.EurekaSource> _logger;
    private readonly PublishedNames _services;
    private readonly List<PublishedService> _touched = [];

    /// <summary>Accepted instances that cannot be called; each is logged once.</summary>
    private readonly Dictionary<InstanceKey, EurekaInstance> _unusable = [];
    private IReadOnlyList<string> _empty = [];
    private InstanceUse _use;
    private bool _full;

    public EurekaPublisher(IMeshSink sink, GuardedLogger<LogCategories.EurekaSource> logger)
    {
        _sink = sink;
        _logger = logger;
        _services = new PublishedNames(sink);
    }

    /// <param name="changes">What has changed since the last time.</param>
    /// <param name="believed">All instances accepted now; enumerated only when they must be described anew.</param>
    /// <param name="preferIPAddress">Whether instances are called by their address.</param>
    /// <param name="origin">How far the source is trusted.</param>
    /// <param name="preferSecurePort">Whether instances with two ports are called at the one for TLS.</param>
    /// <param name="idle">All instances listed with another status than UP; enumerated only when refused names can be taken.</param>
    /// <returns>Whether anything has changed for callers.</returns>
    public bool Publish(
        AcceptedChanges changes,
        IEnumerable<EurekaInstance> believed,
        bool preferIPAddress,
        EndpointOrigin origin = EndpointOrigin.Source,
        bool preferSecurePort = false,
        IEnumerable<EurekaInstance>? idle = null)
    {
        var use = new InstanceUse(preferIPAddress, preferSecurePort, origin);
        if (use == _use)
        {
            // The new ones first: Add needs to know which of them were unusable before.
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
            _sink.LeaveOut(refused);
        }

        return changed;
    }

    private bool PublishTouched()
    {
        var changed = false;
        foreach (var service in _touched)
        {
            // A service that has no instance is published as empty, so that its name is a service.
            var moved = service.Update();
            if (moved)
            {
                changed = true;
                LogPublished(service.Name, service.Endpoints.Length);
            }

            if (service.TakeReason(out var reason) | service.TakeLeaving() | moved)
            {
                _sink.Publish(new ServiceUpdate(service.Name)
                {
                    Endpoints = service.Endpoints,
                    Leaving = service.Leaving,
                    Absence = reason,
                    IsListed = service.IsListed,
                });
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
            service.ClearBelieved();
            Touch(service);
        }

        Add(believed);
    }

    /// <summary>There is room again: takes the names that were refused, in the order of the present list.</summary>
    private void StartOver(IEnumerable<EurekaInstance> believed, IEnumerable<EurekaInstance> idle)
    {
        _services.ForgetRefused();
        foreach (var service in _services.All)
        {
            service.Clear();
            Touch(service);
        }

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
                _unusable.Remove(instance.Key);
            }
            else
            {
                if (!_unusable.ContainsKey(instance.Key))
                {
                    LogUnusable(Printable.Of(instance.Id), Printable.Of(instance.Names.App), problem);
                }

                _unusable[instance.Key] = instance;
            }

            var callable = CallableBy(instance);
            var names = instance.Names.All;
            for (var i = 0; i < names.Length; i++)
            {
                if (i < callable)
                {
                    Place(names[i])?.Add(instance);
                }
                else
                {
                    Place(names[i])?.CountUnusable(1, problem ?? "no usable port for TLS");
                }
            }
        }
    }

    private void Remove(IEnumerable<EurekaInstance> instances)
    {
        foreach (var instance in instances)
        {
            if (_unusable.TryGetValue(instance.Key, out var unusable) && ReferenceEquals(unusable, instance))
            {
                _unusable.Remove(instance.Key);
            }

            var callable = CallableBy(instance);
            var names = instance.Names.All;
            for (var i = 0; i < names.Length; i++)
            {
                if (i < callable)
                {
                    Placed(names[i])?.Remove(instance);
                }
                else
                {
                    Placed(names[i])?.CountUnusable(-1, null);
                }
            }
        }
    }

    /// <summary>How many of the instance's names, counted from the first, it can be called by: none without an endpoint, and the names for
    /// TLS only with a port for TLS.</summary>
    private static int CallableBy(EurekaInstance instance) =>
        instance.Endpoint is not { } endpoint ? 0
        : endpoint.IsSecure || endpoint.SecurePort != 0 ? instance.Names.All.Length
        : instance.Names.PlainCount;

    private void Count(IEnumerable<EurekaInstance> idle, int change)
    {
        foreach (var instance in idle)
        {
            foreach (var name in instance.Names.All)
            {
                (change > 0 ? Place(name) : Placed(name))?.CountIdle(instance, change);
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
    /// <param name="Origin">How far the source is trusted.</param>
    private readonly record struct InstanceUse(bool ByAddress, bool PreferSecurePort, EndpointOrigin Origin);
}
