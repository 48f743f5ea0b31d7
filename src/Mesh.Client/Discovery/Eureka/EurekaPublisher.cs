using Mesh.Client.Security;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Turns believed instances into endpoints by service name, and publishes the services that changed.</summary>
/// <remarks>Used by one loop only; not safe for more.</remarks>
internal sealed partial class EurekaPublisher(IEndpointSink sink, ILogger logger)
{
    private readonly Dictionary<string, EndpointDescription[]> _published = new(StringComparer.Ordinal);
    private Dictionary<EurekaInstance, EndpointDescription?> _described = new(ReferenceEqualityComparer.Instance);
    private HashSet<InstanceKey> _unusable = [];
    private bool _preferIPAddress;
    private bool _full;
    private EndpointOrigin _origin;

    /// <returns>Whether anything has changed.</returns>
    public bool Publish(IEnumerable<EurekaInstance> believed, bool preferIPAddress, EndpointOrigin origin = EndpointOrigin.Source)
    {
        var services = Group(believed, preferIPAddress, origin);
        var changed = false;

        // A service that has no instance left is published once as empty, so that its name stays a service.
        foreach (var name in _published.Keys)
        {
            services.TryAdd(name, []);
        }

        foreach (var (name, list) in services)
        {
            // An instance that came back under a new id is listed twice until its old lease ends; it must not get twice the calls. The later one is there.
            list.Sort(static (a, b) => b.Registered.CompareTo(a.Registered) is not 0 and var later ? later : string.CompareOrdinal(a.InstanceId, b.InstanceId));
            EndpointDescription[] endpoints = [.. list.DistinctBy(static endpoint => endpoint.Address)];
            Array.Sort(endpoints, static (a, b) => string.CompareOrdinal(a.InstanceId, b.InstanceId));
            if (!_published.TryGetValue(name, out var before) || !before.AsSpan().SequenceEqual(endpoints, EndpointComparer.Instance))
            {
                changed = true;
                _published[name] = endpoints;
                LogPublished(name, endpoints.Length);
                sink.Publish(name, endpoints);
            }
        }

        return changed;
    }

    private Dictionary<string, List<EndpointDescription>> Group(IEnumerable<EurekaInstance> believed, bool preferIPAddress, EndpointOrigin origin)
    {
        // Most instances are the same objects as last time: a delta replaces only what changed.
        var known = preferIPAddress == _preferIPAddress && origin == _origin ? _described : [];
        _preferIPAddress = preferIPAddress;
        _origin = origin;
        _described = new(ReferenceEqualityComparer.Instance);
        var unusable = new HashSet<InstanceKey>();
        var services = new Dictionary<string, List<EndpointDescription>>(StringComparer.Ordinal);
        var fresh = 0;

        foreach (var instance in believed)
        {
            string? problem = null;
            if (!known.TryGetValue(instance, out var endpoint))
            {
                endpoint = EurekaEndpoint.Describe(instance, preferIPAddress, out problem) is { } named ? named with { Origin = origin } : null;
            }

            _described[instance] = endpoint;
            if (endpoint is null)
            {
                unusable.Add(instance.Key);
                if (problem is not null && !_unusable.Contains(instance.Key))
                {
                    LogUnusable(Printable.Of(instance.Key.Id), Printable.Of(instance.Key.App), problem);
                }

                continue;
            }

            foreach (var name in EurekaEndpoint.NamesOf(instance, endpoint).Distinct(StringComparer.Ordinal))
            {
                if (!services.TryGetValue(name, out var list))
                {
                    if (!_published.ContainsKey(name) && _published.Count + fresh >= RegistryLimits.Services)
                    {
                        ReportFull();
                        continue;
                    }

                    fresh += _published.ContainsKey(name) ? 0 : 1;
                    services[name] = list = [];
                }

                list.Add(endpoint);
            }
        }

        _unusable = unusable;
        return services;
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
