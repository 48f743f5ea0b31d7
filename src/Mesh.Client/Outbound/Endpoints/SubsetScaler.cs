using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>Enlarges the subset of a process under high load, so that it does not limit a busy process with few peers, and shrinks it
/// afterwards.</summary>
/// <remarks>Only an attempt that meets a busy endpoint looks closer, and at most once in 10 ms.</remarks>
internal sealed class SubsetScaler
{
    /// <summary>Mean requests in flight per endpoint above which the subset grows.</summary>
    public const int MaxInFlight = 8;

    private const int MaxSize = 1 << 20;

    /// <summary>The subset shrinks only after this many consecutive reviews in which half of it would suffice, with each endpoint at half
    /// its limit: traffic comes in waves, and each change costs connections.</summary>
    private const int CalmReviews = 6;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Review = TimeSpan.FromSeconds(10);

    private long _quietUntil;
    private long _review = MeshTime.Never.Micros;

    // Both guarded by the service's lock.
    private int _factor = 1;
    private int _calm;

    /// <summary>The factor on the configured size. Written under the service's lock.</summary>
    public int Factor => Volatile.Read(ref _factor);

    /// <summary>Whether the size is due for a review: an endpoint is busy, or the last enlargement was some time ago.</summary>
    public bool IsDue(Endpoint chosen, MeshTime now) =>
        (chosen.Load.InFlight >= MaxInFlight && now >= MeshTime.Read(ref _quietUntil)) || now >= MeshTime.Read(ref _review);

    /// <summary>Reviews the size. The caller holds the service's lock.</summary>
    /// <returns>Whether the size has changed.</returns>
    public bool Change(ReadOnlySpan<Endpoint> subset, MeshTime now)
    {
        MeshTime.Write(ref _quietUntil, now + Pause);
        long inFlight = 0;
        foreach (var endpoint in subset)
        {
            inFlight += endpoint.Load.InFlight;
        }

        var before = _factor;
        for (long size = subset.Length; inFlight > MaxInFlight * size && size > 0 && _factor < MaxSize; size *= 2)
        {
            Volatile.Write(ref _factor, _factor * 2);
        }

        if (_factor > before)
        {
            _calm = 0;
            MeshTime.Write(ref _review, now + Review);
        }
        else if (now >= MeshTime.Read(ref _review))
        {
            _calm = 4 * inFlight <= MaxInFlight * subset.Length ? _calm + 1 : 0;
            if (_calm == CalmReviews)
            {
                _calm = 0;
                Volatile.Write(ref _factor, _factor / 2);
            }

            MeshTime.Write(ref _review, _factor > 1 ? now + Review : MeshTime.Never);
        }

        return _factor != before;
    }
}
