using System.Collections.Immutable;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>Everything that is registered at one moment. Replaced as a whole, never edited.</summary>
internal sealed class RegistrySnapshot
{
    public static readonly RegistrySnapshot Empty = new(
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, RegisteredInstance>>(StringComparer.Ordinal), 0);

    private static readonly ImmutableSortedDictionary<string, RegisteredInstance> NoInstances =
        ImmutableSortedDictionary.Create<string, RegisteredInstance>(StringComparer.Ordinal);

    private RegistrySnapshot(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, RegisteredInstance>> apps, int count)
    {
        Apps = apps;
        Count = count;
    }

    /// <summary>Gets the instances by id, by application in upper case. No application is empty.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, RegisteredInstance>> Apps { get; }

    public int Count { get; }

    public RegisteredInstance? Find(InstanceKey key) =>
        Apps.TryGetValue(key.App, out var instances) && instances.TryGetValue(key.Id, out var instance) ? instance : null;

    public RegisteredInstance? FindById(string id)
    {
        foreach (var instances in Apps.Values)
        {
            if (instances.TryGetValue(id, out var instance))
            {
                return instance;
            }
        }

        return null;
    }

    public RegistrySnapshot With(RegisteredInstance instance)
    {
        var instances = Apps.GetValueOrDefault(instance.App, NoInstances);
        var added = instances.ContainsKey(instance.Id) ? 0 : 1;
        return new RegistrySnapshot(Apps.SetItem(instance.App, instances.SetItem(instance.Id, instance)), Count + added);
    }

    public RegistrySnapshot Without(InstanceKey key)
    {
        var instances = Apps[key.App].Remove(key.Id);
        return new RegistrySnapshot(instances.IsEmpty ? Apps.Remove(key.App) : Apps.SetItem(key.App, instances), Count - 1);
    }
}
