using System.Globalization;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>Level, zone and ordinal of an endpoint, from its source. Parsed once per description, so that endpoints are compared by
/// numbers.</summary>
internal sealed class EndpointLocality
{
    /// <summary>The label of the number that <c>Mesh.Registry</c> gives to an instance: dense in its service and zone, kept for its
    /// lease.</summary>
    public const string OrdinalLabel = "mesh.ordinal";

    /// <summary>The label of the priority level.</summary>
    public const string PriorityLabel = "priority";

    public const int MaxPriority = 127;

    private const int MaxDigits = 9;

    private EndpointLocality(EndpointDescription description)
    {
        Zone = description.Zone ?? "";
        Priority = Math.Min(Number(description, PriorityLabel) ?? 0, MaxPriority);
        Hash = StableHash.Hash(description.InstanceId ?? description.Address.AbsoluteUri);
        if (Number(description, OrdinalLabel) is { } ordinal)
        {
            HasOrdinal = true;

            // Each zone counts from 0: a rotation per zone keeps equal ordinals of two zones apart. Between equal places the hash decides,
            // in all processes alike.
            Position = ((ulong)unchecked(StableHash.Spread((uint)ordinal) + (uint)StableHash.Hash(Zone)) << 32) | (uint)Hash;
        }
        else
        {
            Position = Hash;
        }
    }

    /// <summary>The zone; empty for none.</summary>
    public string Zone { get; }

    /// <summary>The priority level: 0 is the highest, and the default without a valid label.</summary>
    public int Priority { get; }

    public bool HasOrdinal { get; }

    /// <summary>The hash of its id, or of its address if its source has no ids.</summary>
    public ulong Hash { get; }

    /// <summary>The position on the ring of 2^64.</summary>
    public ulong Position { get; }

    public static EndpointLocality Of(EndpointDescription description) => new(description);

    /// <summary>The number in a label; null without one, or for an invalid one.</summary>
    public static int? Number(EndpointDescription description, string label) =>
        description.Labels.TryGetValue(label, out var text)
        && text.Length <= MaxDigits
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
