using System.Runtime.InteropServices;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>Chooses the expired instances that are removed in one run.</summary>
internal static class Eviction
{
    /// <summary>Finds the instances with an expired lease.</summary>
    public static List<RegisteredInstance> Expired(RegistrySnapshot snapshot, TimeSpan late)
    {
        List<RegisteredInstance> expired = [];
        foreach (var instances in snapshot.Apps.Values)
        {
            foreach (var instance in instances.Values)
            {
                if (instance.Lease.IsExpired(late))
                {
                    expired.Add(instance);
                }
            }
        }

        return expired;
    }

    /// <summary>
    /// Chooses at most the share that may be missing, at least one, at random: in the order of names one service would lose all its
    /// instances at once.
    /// </summary>
    public static ReadOnlySpan<RegisteredInstance> Choose(
        List<RegisteredInstance> expired, int registered, double renewalThreshold, Random chance)
    {
        var limit = registered - (int)(registered * renewalThreshold);
        var candidates = CollectionsMarshal.AsSpan(expired);
        if (candidates.Length > limit)
        {
            chance.Shuffle(candidates);
            candidates = candidates[..limit];
        }

        return candidates;
    }
}
