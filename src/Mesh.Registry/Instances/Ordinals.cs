using System.Globalization;
using System.Runtime.InteropServices;

namespace Mesh.Registry.Instances;

/// <summary>
/// Gives every instance a number that is unique within its application and zone: the lowest free one, so that the numbers stay dense. It is
/// kept for as long as the instance is registered. Guarded by the lock of the store.
/// </summary>
/// <remarks>Clients spread their connections by it. It is in the metadata, where every client can read it and none is disturbed by
/// it.</remarks>
/// <param name="most">This number and higher ones are not accepted from a peer.</param>
internal sealed class Ordinals(int most)
{
    public const string Key = "mesh.ordinal";

    private const string ZoneKey = "zone";

    /// <summary>The number of holders of each number. Two registries that were disconnected may have given one twice.</summary>
    private readonly Dictionary<(string App, string Zone), List<int>> _holders = [];

    /// <summary>The instance with its number.</summary>
    /// <param name="next">The instance to register.</param>
    /// <param name="current">The instance registered under its key; null for none.</param>
    /// <param name="fromPeer">Whether it comes from a peer: its number there is kept, and of two numbers the lower one, so that in the end
    /// all registries agree.</param>
    public RegisteredInstance Give(RegisteredInstance next, RegisteredInstance? current, bool fromPeer)
    {
        var claimed = fromPeer && NumberOf(next) is { } told && told < most ? told : (int?)null;
        var number = current is not null && ZoneOf(current) == ZoneOf(next) ? NumberOf(current) : null;
        if (number is null || claimed < number)
        {
            if (current is not null)
            {
                Free(current);
            }

            number = Take(next, claimed);
        }

        return next with
        {
            Metadata = Metadata.Merge(next.Metadata, [KeyValuePair.Create(Key, number.Value.ToString(CultureInfo.InvariantCulture))]),
        };
    }

    /// <summary>The instance has gone: its number is free again.</summary>
    public void Free(RegisteredInstance gone)
    {
        if (NumberOf(gone) is { } number
            && _holders.TryGetValue(PlaceOf(gone), out var holders)
            && number < holders.Count
            && holders[number] > 0)
        {
            holders[number]--;
            while (holders is [.., 0])
            {
                holders.RemoveAt(holders.Count - 1);
            }

            if (holders.Count == 0)
            {
                _holders.Remove(PlaceOf(gone));
            }
        }
    }

    private int Take(RegisteredInstance instance, int? claimed)
    {
        ref var holders = ref CollectionsMarshal.GetValueRefOrAddDefault(_holders, PlaceOf(instance), out _);
        holders ??= [];
        var number = claimed ?? (holders.IndexOf(0) is >= 0 and var free ? free : holders.Count);
        while (holders.Count <= number)
        {
            holders.Add(0);
        }

        holders[number]++;
        return number;
    }

    private static (string App, string Zone) PlaceOf(RegisteredInstance instance) => (instance.App, ZoneOf(instance));

    private static string ZoneOf(RegisteredInstance instance) => Find(instance, ZoneKey) ?? "";

    private static int? NumberOf(RegisteredInstance instance) =>
        Find(instance, Key) is { Length: < 10 } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static string? Find(RegisteredInstance instance, string key)
    {
        foreach (var entry in instance.Metadata)
        {
            if (entry.Key == key)
            {
                return entry.Value;
            }
        }

        return null;
    }
}
