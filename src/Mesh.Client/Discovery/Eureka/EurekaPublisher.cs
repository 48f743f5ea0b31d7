using Mesh.Client.Security;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Turns believed instances into endpoints by service name, and publishes the services that changed.</summary>
/// <remarks>Used by one loop only; not safe for more.</remarks>
internal sealed partial class EurekaPublisher(IEndpointSink sink, ILogger logger)
{
    private readonly Dictionary<string, PublishedService> _services = new(StringComparer.Ordinal);
    private readonly List<PublishedService> _touched = [];

    /// <summary>Believed, and not to be called.</summary>
    private readonly Dictionary<InstanceKey, EurekaInstance> _unusable = [];
    private bool _preferIPAddress;
    private bool _full;
    private EndpointOrigin _origin;

    /// <param name="changes">What has changed since the last time.</param>
    /// <param name="believed">All that are believed now, looked at only when they have to be described anew.</param>
    /// <param name="preferIPAddress">Whether instances are called by their address.</param>
    /// <param name="origin">How far the source is believed.</param>
    /// <returns>Whether anything has changed for callers.</returns>
    public bool Publish(BelievedChanges changes, IEnumerable<EurekaInstance> believed, bool preferIPAddress, EndpointOrigin origin = EndpointOrigin.Source)
    {
        if (preferIPAddress == _preferIPAddress && origin == _origin)
        {
            // The new ones first: one that was unusable before is still known for it.
            Add(changes.Come);
            Remove(changes.Gone);
        }
        else
        {
            Remove(changes.Gone);
            (_preferIPAddress, _origin) = (preferIPAddress, origin);
            DescribeAnew(believed);
        }

        var changed = false;
        foreach (var service in _touched)
        {
            // A service that has no instance left is published once as empty, so that its name stays a service.
            if (service.Update())
            {
                changed = true;
                LogPublished(service.Name, service.Endpoints.Length);
                sink.Publish(service.Name, service.Endpoints);
            }
        }

        _touched.Clear();
        return changed;
    }

    private void DescribeAnew(IEnumerable<EurekaInstance> believed)
    {
        foreach (var service in _services.Values)
        {
            service.Clear();
            Touch(service);
        }

        Add(believed);
        foreach (var (key, instance) in _unusable)
        {
            if (instance.Endpoint is not null)
            {
                _unusable.Remove(key);
            }
        }
    }

    private void Add(IEnumerable<EurekaInstance> instances)
    {
        foreach (var instance in instances)
        {
            instance.Endpoint = EurekaEndpoint.Describe(instance, _preferIPAddress, out var problem, _origin);
            if (problem is not null)
            {
                if (!_unusable.ContainsKey(instance.Key))
                {
                    LogUnusable(Printable.Of(instance.Id), Printable.Of(instance.Names.App), problem);
                }

                _unusable[instance.Key] = instance;
                continue;
            }

            foreach (var name in NamesOf(instance))
            {
                if (!_services.TryGetValue(name, out var service))
                {
                    if (_services.Count >= RegistryLimits.Services)
                    {
                        ReportFull();
                        continue;
                    }

                    _services[name] = service = new PublishedService(name);
                }

                Touch(service);
                service.Add(instance);
            }
        }
    }

    private void Remove(IEnumerable<EurekaInstance> instances)
    {
        foreach (var instance in instances)
        {
            if (instance.Endpoint is null)
            {
                if (_unusable.TryGetValue(instance.Key, out var unusable) && ReferenceEquals(unusable, instance))
                {
                    _unusable.Remove(instance.Key);
                }

                continue;
            }

            foreach (var name in NamesOf(instance))
            {
                // Not there if the names of the registry were too many.
                if (_services.TryGetValue(name, out var service))
                {
                    Touch(service);
                    service.Remove(instance);
                }
            }
        }
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
}
