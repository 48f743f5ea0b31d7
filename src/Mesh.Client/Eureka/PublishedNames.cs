using Mesh.Client.Discovery;

namespace Mesh.Client.Eureka;

/// <summary>The services that a registry has named: at most <see cref="RegistryLimits.Services"/>. A name that is no longer listed makes
/// room for another one.</summary>
/// <remarks>Used by one loop only. The limit keeps an instance that registers more and more names from filling the memory.</remarks>
internal sealed class PublishedNames(IMeshSink sink)
{
    private readonly Dictionary<string, PublishedService> _services = new(StringComparer.Ordinal);

    /// <summary>The services that were not listed at the last look, in the order of their leaving.</summary>
    private readonly Queue<PublishedService> _unlisted = new();
    private HashSet<string> _refused = new(StringComparer.OrdinalIgnoreCase);
    private bool _refusedChanged;

    public IEnumerable<PublishedService> All => _services.Values;

    public PublishedService? Find(string name) => _services.GetValueOrDefault(name);

    /// <returns>Null when there is no room: the name is refused.</returns>
    public PublishedService? GetOrAdd(string name)
    {
        if (_services.TryGetValue(name, out var service))
        {
            return service;
        }

        if (_services.Count >= RegistryLimits.Services && !MakeRoom())
        {
            _refusedChanged |= _refused.Add(name);
            return null;
        }

        return _services[name] = new PublishedService(name);
    }

    /// <summary>Makes room for the refused names.</summary>
    /// <returns>Whether there are refused names, and room for one.</returns>
    public bool MakeRoomForRefused()
    {
        var room = RegistryLimits.Services - _services.Count;
        while (room < _refused.Count && MakeRoom())
        {
            room++;
        }

        return room > 0 && _refused.Count > 0;
    }

    /// <summary>To be called after each change of a service.</summary>
    public void Settle(PublishedService service)
    {
        if (!service.IsListed && !service.AwaitsEviction)
        {
            service.AwaitsEviction = true;
            _unlisted.Enqueue(service);
        }
    }

    /// <summary>All refused names, if they have changed since the last call.</summary>
    public IReadOnlySet<string>? TakeRefused()
    {
        if (!_refusedChanged)
        {
            return null;
        }

        _refusedChanged = false;
        return new HashSet<string>(_refused, StringComparer.OrdinalIgnoreCase);
    }

    public void ForgetRefused()
    {
        _refused = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        _refusedChanged = true;
    }

    private bool MakeRoom()
    {
        while (_unlisted.TryDequeue(out var service))
        {
            service.AwaitsEviction = false;

            // Listed again meanwhile, or called: it stays.
            if (!service.IsListed && !service.IsTouched && sink.Withdraw(service.Name))
            {
                _services.Remove(service.Name);
                return true;
            }
        }

        return false;
    }
}
