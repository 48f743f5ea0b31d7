using System.Runtime.CompilerServices;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>The exact number of good and bad attempts in the last five seconds, in buckets of a second. Lock-free.</summary>
/// <remarks>Not a moving average: there a short burst weighs next to nothing, and can hide that nothing works any more.</remarks>
internal struct OutcomeWindow
{
    public const int Seconds = 5;

    private const long SecondMicros = 1_000_000;
    private const int SecondShift = 40;
    private const int BadShift = 24;
    private const long SecondMask = 0xFF_FFFF;
    private const long BadMask = 0xFFFF;
    private const long GoodMask = 0xFF_FFFF;

    private Buckets _buckets;

    /// <param name="now">When the attempt ended.</param>
    /// <param name="good">Whether the attempt succeeded.</param>
    public void Count(MeshTime now, bool good)
    {
        var second = Second(now);
        ref var bucket = ref _buckets[(int)(now.Micros / SecondMicros % Seconds)];
        while (true)
        {
            var old = Volatile.Read(ref bucket);
            var current = SecondOf(old) == second ? old : second << SecondShift;
            if (Interlocked.CompareExchange(ref bucket, Add(current, good), old) == old)
            {
                return;
            }
        }
    }

    /// <summary>The counts of the last five seconds.</summary>
    public readonly (int Good, int Bad) Read(MeshTime now)
    {
        var second = Second(now);
        var good = 0;
        var bad = 0;
        for (var i = 0; i < Seconds; i++)
        {
            var bucket = Volatile.Read(in _buckets[i]);
            if (((second - SecondOf(bucket)) & SecondMask) < Seconds)
            {
                good += (int)(bucket & GoodMask);
                bad += (int)((bucket >> BadShift) & BadMask);
            }
        }

        return (good, bad);
    }

    public void Clear()
    {
        for (var i = 0; i < Seconds; i++)
        {
            Volatile.Write(ref _buckets[i], 0);
        }
    }

    /// <summary>A count saturates.</summary>
    private static long Add(long bucket, bool good) => good
        ? ((bucket & GoodMask) == GoodMask ? bucket : bucket + 1)
        : (((bucket >> BadShift) & BadMask) == BadMask ? bucket : bucket + (1L << BadShift));

    private static long Second(MeshTime now) => (now.Micros / SecondMicros) & SecondMask;

    private static long SecondOf(long bucket) => (bucket >> SecondShift) & SecondMask;

    [InlineArray(Seconds)]
    private struct Buckets
    {
        private long _first;
    }
}
