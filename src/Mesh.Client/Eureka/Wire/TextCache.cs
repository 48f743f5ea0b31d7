using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Mesh.Client.Eureka.Wire;

/// <summary>Makes repeated texts (names, zones, versions, keys) one string each.</summary>
/// <remarks>A fixed number of places. A newcomer takes the place of the text before it, so that texts which occur only once can neither
/// fill the cache nor keep others out for long. Used by one reader at a time.</remarks>
internal sealed class TextCache
{
    /// <summary>Longer texts rarely repeat.</summary>
    public const int MaxBytes = 128;

    private const int Places = 4096;

    private readonly string?[] _places = new string?[Places];

    /// <param name="utf8">Well-formed.</param>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return string.Empty;
        }

        if (utf8.Length > MaxBytes)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var place = ref _places[HashOf(utf8) & (Places - 1)];
        if (place is { } known && Ascii.Equals(utf8, known))
        {
            return known;
        }

        // A text that is not ASCII is compared as a string.
        var text = Encoding.UTF8.GetString(utf8);
        return place == text ? place : place = text;
    }

    /// <summary>A hash for cache places. Equal hashes of different texts only cost sharing, so it looks at length, beginning and end
    /// only.</summary>
    public static uint HashOf(ReadOnlySpan<byte> utf8)
    {
        const int Word = sizeof(ulong);
        if (utf8.Length >= Word)
        {
            var words = BinaryPrimitives.ReadUInt64LittleEndian(utf8) + BitOperations.RotateLeft(
                BinaryPrimitives.ReadUInt64LittleEndian(utf8[^Word..]), 23);
            return Mix(words ^ ((ulong)utf8.Length << 56));
        }

        ulong word = 0;
        foreach (var value in utf8)
        {
            word = (word << 8) | value;
        }

        return Mix(word ^ ((ulong)utf8.Length << 56));
    }

    // The golden ratio, as in Fibonacci hashing.
    private static uint Mix(ulong word) => (uint)((word * 0x9E3779B97F4A7C15) >> 32);
}
