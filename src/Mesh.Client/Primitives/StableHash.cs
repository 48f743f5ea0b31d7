using System.Buffers.Binary;

namespace Mesh.Client.Primitives;

/// <summary>Hashes that are the same in every process and after every restart, unlike <see cref="string.GetHashCode()"/>.</summary>
internal static class StableHash
{
    private const ulong Prime = 0x100000001b3;
    private const ulong Basis = 0xcbf29ce484222325;

    /// <summary>The last step of splitmix64 (Vigna): every bit of the result depends on every bit of the number.</summary>
    public static ulong Mix(ulong number)
    {
        unchecked
        {
            number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
            number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
            return number ^ (number >> 31);
        }
    }

    /// <summary>FNV-1a over the characters, then mixed.</summary>
    public static ulong Hash(string text)
    {
        var hash = Basis;
        foreach (var character in text)
        {
            hash = unchecked((hash ^ character) * Prime);
        }

        return Mix(hash);
    }

    /// <summary>The van der Corput sequence: for every n, the first n numbers lie evenly on the ring of 2^32.</summary>
    public static uint Spread(uint ordinal)
    {
        var bits = BinaryPrimitives.ReverseEndianness(ordinal);
        bits = ((bits & 0x0f0f0f0f) << 4) | ((bits >> 4) & 0x0f0f0f0f);
        bits = ((bits & 0x33333333) << 2) | ((bits >> 2) & 0x33333333);
        return ((bits & 0x55555555) << 1) | ((bits >> 1) & 0x55555555);
    }
}
