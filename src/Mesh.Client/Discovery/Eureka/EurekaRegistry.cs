namespace Mesh.Client.Discovery.Eureka;

/// <summary>
/// What the registry lists, and which instances are believed. Pure: time comes in as an argument.
/// </summary>
/// <remarks>
/// An instance leaves at once when the registry says so: listed with another status than UP, or DELETED in a delta. An instance that was UP
/// and is merely missing from a full answer is kept for the grace period, because that is what a restarted registry looks like: first
/// empty, then filling up one registration after the other. A dead one among those kept costs a retry; believing an empty list would cost every call.
/// For the same reason a registry that takes more than half of many instances away in one answer is doubted: these are kept for the grace period, too.
/// </remarks>
internal sealed class EurekaRegistry
{
    /// <summary>Below this many instances, more than half of them leaving is everyday life: two of three are being redeployed.</summary>
    public const int FewestToDoubt = 10;

    private readonly Dictionary<InstanceKey, Kept> _kept = [];
    private Dictionary<InstanceKey, EurekaInstance> _listed = [];

    /// <summary>How many instances are believed although the registry no longer lists them.</summary>
    public int VanishedCount => _kept.Values.Count(static kept => !kept.Doubted);

    /// <summary>How many instances are believed although the registry says that they are gone, because it said so of too many at once.</summary>
    public int DoubtedCount => _kept.Values.Count(static kept => kept.Doubted);

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

        List<EurekaInstance> leaving = [];
        foreach (var (key, instance) in _listed)
        {
            if (instance.Status != EurekaStatus.Up)
            {
                continue;
            }

            if (!listed.TryGetValue(key, out var current))
            {
                _kept[key] = new Kept(instance, now + grace, Doubted: false);
            }
            else if (current.Status != EurekaStatus.Up)
            {
                leaving.Add(instance);
            }
        }

        Doubt(leaving, now + grace);
        _listed = listed;
        ForgetListed();
        Expire(now);
    }

    /// <summary>Takes a delta. False: what is known now does not match the registry's own count, and a full answer is needed.</summary>
    public bool Apply(EurekaApplications delta, TimeSpan now, TimeSpan grace)
    {
        if (_listed.Count + delta.Instances.Count > RegistryLimits.Instances)
        {
            // Changes must not add up to what a full answer may not have.
            return false;
        }

        Doubt([.. delta.Instances
            .Where(static instance => instance.Deleted || instance.Status != EurekaStatus.Up)
            .Select(instance => _listed.GetValueOrDefault(instance.Key))
            .OfType<EurekaInstance>()
            .Where(static instance => instance.Status == EurekaStatus.Up)
            .Distinct()], now + grace);
        foreach (var instance in delta.Instances)
        {
            if (instance.Deleted)
            {
                _listed.Remove(instance.Key);
                if (_kept.TryGetValue(instance.Key, out var kept) && !kept.Doubted)
                {
                    _kept.Remove(instance.Key);
                }
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
    public int BelievedCount => Believed().Count();

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

        foreach (var kept in _kept.Values)
        {
            yield return kept.Instance;
        }
    }

    /// <summary>Keeps those that the registry takes away, when they are more than half of all that are up. Called before they are gone from the list.</summary>
    private void Doubt(List<EurekaInstance> leaving, TimeSpan until)
    {
        var up = _listed.Values.Count(static instance => instance.Status == EurekaStatus.Up);
        if (up < FewestToDoubt || leaving.Count * 2 <= up)
        {
            return;
        }

        foreach (var instance in leaving)
        {
            _kept[instance.Key] = new Kept(instance, until, Doubted: true);
        }
    }

    /// <summary>An instance that is listed again, under its id or at its address under another id, is no longer missing.</summary>
    private void ForgetListed()
    {
        if (_kept.Count == 0)
        {
            return;
        }

        var all = _listed.Values.Select(AddressOf).ToHashSet();
        var up = _listed.Values.Where(static instance => instance.Status == EurekaStatus.Up).Select(AddressOf).ToHashSet();
        foreach (var (key, kept) in _kept)
        {
            // A doubted one may be listed as anything but UP: that is what is doubted. Removing during enumeration is allowed for Dictionary.
            if ((kept.Doubted ? up : all).Contains(AddressOf(kept.Instance))
                || (_listed.TryGetValue(key, out var listed) && (!kept.Doubted || listed.Status == EurekaStatus.Up)))
            {
                _kept.Remove(key);
            }
        }
    }

    /// <summary>Called with good answers only: while no registry answers, nothing is forgotten.</summary>
    private void Expire(TimeSpan now)
    {
        foreach (var (key, kept) in _kept)
        {
            if (kept.Until <= now)
            {
                _kept.Remove(key);
            }
        }
    }

    private static (string App, string? Host, EurekaPort Port, EurekaPort SecurePort) AddressOf(EurekaInstance instance) =>
        (instance.Key.App, instance.HostName, instance.Port, instance.SecurePort);

    /// <param name="Instance">As it was while it was up.</param>
    /// <param name="Until">When it is given up.</param>
    /// <param name="Doubted">Whether the registry says that it is gone.</param>
    private readonly record struct Kept(EurekaInstance Instance, TimeSpan Until, bool Doubted);
}
