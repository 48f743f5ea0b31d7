using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The endpoints that a call has tried, stored without an array.</summary>
internal struct TriedEndpoints
{
    // The maximum number of attempts: ten retries.
    private const int Capacity = 11;

    private Slots _slots;
    private int _count;

    /// <summary>Where the last attempt has begun; null for none.</summary>
    public readonly Endpoint? Last => _count == 0 ? null : _slots[(_count - 1) % Capacity];

    [UnscopedRef]
    public readonly ReadOnlySpan<Endpoint?> All => ((ReadOnlySpan<Endpoint?>)_slots)[..Math.Min(_count, Capacity)];

    public void Add(Endpoint endpoint)
    {
        _slots[_count % Capacity] = endpoint;
        _count++;
    }

    public void Clear()
    {
        ((Span<Endpoint?>)_slots).Clear();
        _count = 0;
    }

    [InlineArray(Capacity)]
    private struct Slots
    {
        private Endpoint? _first;
    }
}
