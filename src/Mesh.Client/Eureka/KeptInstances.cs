using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>The instances that are kept, by key and by address.</summary>
internal sealed class KeptInstances
{
    private readonly Dictionary<InstanceKey, KeptInstance> _byKey = [];
    private readonly Dictionary<Place, List<KeptInstance>> _byPlace = [];

    public int Count => _byKey.Count;

    public int DoubtedCount { get; private set; }

    public IEnumerable<KeptInstance> All => _byKey.Values;

    public KeptInstance? Find(EurekaInstance instance) => _byKey.Count == 0 ? null : _byKey.GetValueOrDefault(instance.Key);

    /// <summary>Those at the address of an instance; a copy.</summary>
    public KeptInstance[] At(EurekaInstance instance) => _byPlace.TryGetValue(Place.Of(instance), out var kept) ? [.. kept] : [];

    /// <param name="kept">Its key is not there yet.</param>
    public void Add(KeptInstance kept)
    {
        _byKey.Add(kept.Instance.Key, kept);
        var place = Place.Of(kept.Instance);
        if (!_byPlace.TryGetValue(place, out var others))
        {
            _byPlace[place] = others = [];
        }

        others.Add(kept);
        DoubtedCount += kept.Doubted ? 1 : 0;
    }

    public void Remove(KeptInstance kept)
    {
        _byKey.Remove(kept.Instance.Key);
        var place = Place.Of(kept.Instance);
        var others = _byPlace[place];
        others.RemoveAll(other => ReferenceEquals(other, kept));
        if (others.Count == 0)
        {
            _byPlace.Remove(place);
        }

        DoubtedCount -= kept.Doubted ? 1 : 0;
    }

    private readonly record struct Place(string App, string? Host, EurekaPort Port, EurekaPort SecurePort)
    {
        public static Place Of(EurekaInstance instance) => new(instance.Names.App, instance.HostName, instance.Port, instance.SecurePort);
    }
}
