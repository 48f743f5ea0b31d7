using System.Buffers;
using System.Globalization;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Model;

/// <summary>Reads the values of the mesh's request headers. A malformed value gives null, never an exception.</summary>
internal static class ContextSyntax
{
    private const int MaxKeyLength = 64;
    private const long Day = 24 * 60 * 60 * 1000;
    private const string RetryExhausted = "retry-exhausted";

    /// <summary>Longer names are parsed each time.</summary>
    private const int MaxRecentLength = 128;

    /// <summary>Parsed callers, by the hash of the value: a server has few callers, which call often. Each place is one reference, so that
    /// racing requests see a whole entry or none.</summary>
    private static readonly RecentCaller?[] Recent = new RecentCaller?[64];

    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public static bool IsLabelKey(ReadOnlySpan<char> key) => key.Length is > 0 and <= MaxKeyLength && !key.ContainsAnyExcept(KeyCharacters);

    /// <summary>Milliseconds: digits only, at most a day, the longest possible timeout.</summary>
    public static long? Milliseconds(string value) =>
        value.Length <= 9 && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= Day
            ? number
            : null;

    /// <summary>A service's name, and after a semicolon its version.</summary>
    public static MeshCaller? Caller(string value)
    {
        if (value.Length > MaxRecentLength)
        {
            return ReadCaller(value);
        }

        ref var recent = ref Recent[(uint)value.GetHashCode(StringComparison.Ordinal) % (uint)Recent.Length];
        if (Volatile.Read(ref recent) is { } known && known.Text == value)
        {
            return known.Caller;
        }

        var caller = ReadCaller(value);
        if (caller is not null)
        {
            Volatile.Write(ref recent, new RecentCaller(value, caller));
        }

        return caller;
    }

    /// <summary>The value that this application sends.</summary>
    public static string CallerText(ServiceIdentityOptions identity) =>
        identity.Version is { } version && HeaderWriter.IsValue(version) ? $"{identity.Name};{version}" : identity.Name!;

    /// <summary>The number of an attempt, or 0 for "the caller's retries are exhausted".</summary>
    public static int? Attempt(string value)
    {
        if (value == RetryExhausted)
        {
            return 0;
        }

        return value.Length <= 3 && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;
    }

    private static MeshCaller? ReadCaller(string value)
    {
        if (!HeaderWriter.IsValue(value))
        {
            return null;
        }

        var end = value.IndexOf(';', StringComparison.Ordinal);
        var name = end < 0 ? value : value[..end];
        return ServiceName.IsValid(name) ? new MeshCaller(name, end < 0 || end == value.Length - 1 ? null : value[(end + 1)..]) : null;
    }

    private sealed record RecentCaller(string Text, MeshCaller Caller);
}
