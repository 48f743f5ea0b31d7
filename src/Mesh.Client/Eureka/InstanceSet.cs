using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>Instances by their key, which can be looked up without creating strings, and their number in each status.</summary>
internal sealed class InstanceSet
{
    private readonly HashSet<EurekaInstance> _instances;
    private readonly int[] _counts = new int[EurekaHash.Statuses];

    public InstanceSet(int capacity) => _instances = new HashSet<EurekaInstance>(capacity, KeyComparer.Instance);

    public int Count => _instances.Count;

    public int UpCount => _counts[(int)RegistrationStatus.Up];

    public ReadOnlySpan<int> Counts => _counts;

    public HashSet<EurekaInstance>.Enumerator GetEnumerator() => _instances.GetEnumerator();

    /// <summary>Those that are up.</summary>
    public IEnumerable<EurekaInstance> Up()
    {
        foreach (var instance in _instances)
        {
            if (instance.IsUp)
            {
                yield return instance;
            }
        }
    }

    /// <param name="app">In upper case.</param>
    /// <param name="id">In UTF-8.</param>
    public EurekaInstance? Find(string app, ReadOnlySpan<byte> id) =>
        _instances.GetAlternateLookup<Key>().TryGetValue(new Key(app, id), out var found) ? found : null;

    /// <summary>The instance with the same key.</summary>
    public EurekaInstance? Find(EurekaInstance instance) => _instances.TryGetValue(instance, out var found) ? found : null;

    /// <returns>The previous instance with its key.</returns>
    public EurekaInstance? Put(EurekaInstance instance)
    {
        var before = Remove(instance);
        _instances.Add(instance);
        _counts[(int)instance.Status]++;
        return before;
    }

    /// <returns>The instance that was removed.</returns>
    public EurekaInstance? Remove(EurekaInstance instance)
    {
        if (Find(instance) is not { } before)
        {
            return null;
        }

        _instances.Remove(before);
        _counts[(int)before.Status]--;
        return before;
    }

    private readonly ref struct Key(string app, ReadOnlySpan<byte> id)
    {
        public readonly string App = app;
        public readonly ReadOnlySpan<byte> Id = id;
    }

    private sealed class KeyComparer : IEqualityComparer<EurekaInstance>, IAlternateEqualityComparer<Key, EurekaInstance>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(EurekaInstance? x, EurekaInstance? y) =>
            ReferenceEquals(x, y) || (x is not null && y is not null && x.IdBytes.SequenceEqual(y.IdBytes) && x.Names.App == y.Names.App);

        // Seeded anew in every process, so that instances cannot be registered with ids that all collide.
        public int GetHashCode(EurekaInstance obj) => HashOf(obj.IdBytes);

        public bool Equals(Key alternate, EurekaInstance other) =>
            alternate.Id.SequenceEqual(other.IdBytes) && alternate.App == other.Names.App;

        public int GetHashCode(Key alternate) => HashOf(alternate.Id);

        public EurekaInstance Create(Key alternate) => throw new NotSupportedException("Only looked for.");

        // Without the application: few ids occur in several of them.
        private static int HashOf(ReadOnlySpan<byte> id)
        {
            var hash = default(HashCode);
            hash.AddBytes(id);
            return hash.ToHashCode();
        }
    }
}
