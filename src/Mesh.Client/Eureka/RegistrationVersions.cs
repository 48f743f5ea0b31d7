using Mesh.Client.Primitives;

namespace Mesh.Client.Eureka;

/// <summary>The versions of a registration: milliseconds since 1970, because a server keeps the one with the later time, even from before a
/// restart of this application.</summary>
/// <remarks>They grow even if the clock stands still or goes back. Used by one flow at a time.</remarks>
internal sealed class RegistrationVersions([OwnClock] TimeProvider time)
{
    /// <summary>The last date. A larger number is not a version that could be exceeded.</summary>
    private const long Latest = 253_402_300_799_999;

    private long _last;

    /// <summary>Whether a version is a date: some clients send nanoseconds.</summary>
    public static bool IsOfThisWorld(long version) => version < Latest;

    public long Next() => _last = Math.Max(time.GetUtcNow().ToUnixTimeMilliseconds(), _last + 1);

    /// <summary>Makes the next version later than this one, which the registry has from before.</summary>
    /// <returns>False if it is not later than the present one, or not a date.</returns>
    public bool Exceed(long stored)
    {
        if (stored <= _last || !IsOfThisWorld(stored))
        {
            return false;
        }

        _last = stored;
        return true;
    }
}
