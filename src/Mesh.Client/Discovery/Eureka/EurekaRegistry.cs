namespace Mesh.Client.Discovery.Eureka;

/// <summary>
/// What the registry lists, and which instances are believed. Pure: time comes in as an argument.
/// </summary>
/// <remarks>
/// An instance leaves at once when the registry says so: listed with another status than UP, or DELETED in a delta. An instance that was UP
/// and is merely missing from a full answer is kept for the grace period, because that is what a restarted registry looks like: first
/// empty, then filling up one registration after the other. A dead one among those kept costs a retry; believing an empty list would cost every call.
/// </remarks>
internal sealed class EurekaRegistry
{
    private readonly Dictionary<InstanceKey, (EurekaInstance Instance, TimeSpan Until)> _vanished = [];
    private Dictionary<InstanceKey, EurekaInstance> _listed = [];

    /// <summary>How many instances are believed although the registry no longer lists them.</summary>
    public int VanishedCount => _vanished.Count;

    /// <summary>Takes a full answer.</summary>
    public void Replace(EurekaApplications full, TimeSpan now, TimeSpan grace)
    {
        var listed = new Dictionary<InstanceKey, EurekaInstance>();
        foreach (var instance in full.Instances)
        {
            if (!instance.Deleted)
            {
                listed[instance.Key] = instance;
            }
        }

        foreach (var (key, instance) in _listed)
        {
            if (instance.Status == EurekaStatus.Up && !listed.ContainsKey(key))
            {
                _vanished[key] = (instance, now + grace);
            }
        }

        _listed = listed;
        ForgetListed();
        Expire(now);
    }

    /// <summary>Takes a delta. False: what is known now does not match the registry's own count, and a full answer is needed.</summary>
    public bool Apply(EurekaApplications delta, TimeSpan now)
    {
        foreach (var instance in delta.Instances)
        {
            if (instance.Deleted)
            {
                _listed.Remove(instance.Key);
                _vanished.Remove(instance.Key);
            }
            else
            {
                _listed[instance.Key] = instance;
            }
        }

        ForgetListed();
        Expire(now);
        return delta.Hash == EurekaHash.Of(_listed.Values);
    }

    /// <summary>How many instances may be called.</summary>
    public int BelievedCount => _vanished.Count + _listed.Values.Count(static instance => instance.Status == EurekaStatus.Up);

    /// <summary>The instances that may be called.</summary>
    public IEnumerable<EurekaInstance> Believed()
    {
        foreach (var instance in _listed.Values)
        {
            if (instance.Status == EurekaStatus.Up)
            {
                yield return instance;
            }
        }

        foreach (var (instance, _) in _vanished.Values)
        {
            yield return instance;
        }
    }

    /// <summary>An instance that is listed again, under its id or at its address under another id, is no longer missing.</summary>
    private void ForgetListed()
    {
        if (_vanished.Count == 0)
        {
            return;
        }

        var addresses = _listed.Values.Select(AddressOf).ToHashSet();
        foreach (var (key, (instance, _)) in _vanished)
        {
            // Removing during enumeration is allowed for Dictionary.
            if (_listed.ContainsKey(key) || addresses.Contains(AddressOf(instance)))
            {
                _vanished.Remove(key);
            }
        }
    }

    /// <summary>Called with good answers only: while no registry answers, nothing is forgotten.</summary>
    private void Expire(TimeSpan now)
    {
        foreach (var (key, (_, until)) in _vanished)
        {
            if (until <= now)
            {
                _vanished.Remove(key);
            }
        }
    }

    private static (string App, string? Host, EurekaPort Port, EurekaPort SecurePort) AddressOf(EurekaInstance instance) =>
        (instance.Key.App, instance.HostName, instance.Port, instance.SecurePort);
}
