using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>The retained instances, by key and by address.</summary>
internal sealed class RetainedInstances
{
    private readonly Dictionary<InstanceKey, RetainedInstance> _byKey = [];
    private readonly Dictionary<Place, List<RetainedInstance>> _byPlace = [];

    public int Count => _byKey.Count;

    public int SuspectedCount { get; private set; }

    public IEnumerable<RetainedInstance> All => _byKey.Values;

    public RetainedInstance? Find(EurekaInstance instance) => _byKey.Count == 0 ? null : _byKey.GetValueOrDefault(instance.Key);

    /// <summary>A copy of those that share an address with an instance, however its host is written: a call to them would reach
    /// it.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="byAddress">Whether instances are called by their IP address.</param>
    public RetainedInstance[] At(EurekaInstance instance, bool byAddress)
    {
        // Normalised only here: while nothing is retained, this is not needed.
        var hosts = InstanceHosts.Of(instance);
        List<RetainedInstance>? found = null;
        foreach (var place in Places(hosts, instance))
        {
            foreach (var kept in _byPlace.GetValueOrDefault(place) ?? [])
            {
                if (found?.Contains(kept) != true && InstanceHosts.Of(kept.Instance).Meet(hosts, byAddress))
                {
                    (found ??= []).Add(kept);
                }
            }
        }

        return found is null ? [] : [.. found];
    }

    /// <param name="kept">Its key is not there yet.</param>
    public void Add(RetainedInstance kept)
    {
        _byKey.Add(kept.Instance.Key, kept);
        foreach (var place in Places(InstanceHosts.Of(kept.Instance), kept.Instance))
        {
            if (!_byPlace.TryGetValue(place, out var others))
            {
                _byPlace[place] = others = [];
            }

            others.Add(kept);
        }

        SuspectedCount += kept.Suspected ? 1 : 0;
    }

    public void Remove(RetainedInstance kept)
    {
        _byKey.Remove(kept.Instance.Key);
        foreach (var place in Places(InstanceHosts.Of(kept.Instance), kept.Instance))
        {
            var others = _byPlace[place];
            others.RemoveAll(other => ReferenceEquals(other, kept));
            if (others.Count == 0)
            {
                _byPlace.Remove(place);
            }
        }

        SuspectedCount -= kept.Suspected ? 1 : 0;
    }

    /// <summary>The addresses at which it may be called: name or IP address, with each port.</summary>
    private static IEnumerable<Place> Places(InstanceHosts hosts, EurekaInstance instance) =>
        from host in hosts.All
        from port in Ports(instance)
        select new Place(host, port);

    private static IEnumerable<int> Ports(EurekaInstance instance)
    {
        if (instance.Port.Enabled)
        {
            yield return instance.Port.Number;
        }

        if (instance.SecurePort.Enabled && !(instance.Port.Enabled && instance.SecurePort.Number == instance.Port.Number))
        {
            yield return instance.SecurePort.Number;
        }
    }

    /// <param name="Host">In the canonical form of <see cref="InstanceHosts"/>.</param>
    /// <param name="Port">The port.</param>
    private readonly record struct Place(string Host, int Port);
}
