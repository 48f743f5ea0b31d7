using System.Collections.Frozen;
using System.Diagnostics;

namespace Mesh.Client.Model;

/// <summary>Filters a <c>baggage</c> header: services of the mesh get the listed keys, other hosts get none.</summary>
internal sealed class BaggageFilter
{
    public const string HeaderName = "baggage";

    /// <summary>The header's name before standardisation, which .NET still writes if configured to.</summary>
    public const string LegacyHeaderName = "Correlation-Context";

    public static readonly BaggageFilter Nothing = new([]);

    private const int MaxLength = 2048;

    /// <summary>Longer headers are rare, and processed off the stack.</summary>
    private const int Common = 256;

    private readonly FrozenSet<string> _keys;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _spans;

    public BaggageFilter(IEnumerable<string> keys)
    {
        _keys = keys.ToFrozenSet(StringComparer.Ordinal);
        _spans = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public bool IsEmpty => _keys.Count == 0;

    public bool Allows(string key) => _keys.Contains(key);

    public static bool IsBaggage(string header) =>
        header.Equals(HeaderName, StringComparison.OrdinalIgnoreCase)
        || header.Equals(LegacyHeaderName, StringComparison.OrdinalIgnoreCase);

    /// <summary>The allowed members, as far as they fit.</summary>
    /// <returns>Empty when there is nothing to send.</returns>
    public string Apply(string header) => Select(header, allowed: true);

    /// <summary>The part of an untrusted caller's header that stays: all keys that would not be passed on.</summary>
    public string Remove(string header) => Select(header, allowed: false);

    /// <summary>Copies the allowed baggage of one activity to another.</summary>
    public void Copy(Activity from, Activity to)
    {
        if (IsEmpty)
        {
            return;
        }

        foreach (var (key, value) in from.Baggage)
        {
            if (_keys.Contains(key))
            {
                to.AddBaggage(key, value);
            }
        }
    }

    private string Select(string header, bool allowed)
    {
        if (IsEmpty)
        {
            return allowed ? string.Empty : header;
        }

        var result = header.Length <= Common ? stackalloc char[Common] : new char[header.Length];
        var length = 0;
        foreach (var range in header.AsSpan().Split(','))
        {
            var member = header.AsSpan(range).Trim();
            var end = member.IndexOfAny('=', ';');
            if (member.Length > 0 && Lists((end < 0 ? member : member[..end]).Trim()) == allowed)
            {
                length = Append(result, length, member);
            }
        }

        return new string(result[..length]);
    }

    private bool Lists(ReadOnlySpan<char> key) => key.Contains('%') ? _keys.Contains(Uri.UnescapeDataString(key)) : _spans.Contains(key);

    /// <returns>The new length; the old one if the member does not fit or is malformed.</returns>
    private static int Append(Span<char> result, int length, ReadOnlySpan<char> member)
    {
        var start = length;
        if (length > 0)
        {
            result[length++] = ',';
        }

        if (!member.ContainsAnyExceptInRange('!', '~'))
        {
            member.CopyTo(result[length..]);
            length += member.Length;
            return length > MaxLength ? start : length;
        }

        foreach (var character in member)
        {
            // Spaces may stand around the "=" only, where they mean nothing.
            if (character is >= '!' and <= '~')
            {
                result[length++] = character;
            }
            else if (character is not (' ' or '\t'))
            {
                return start;
            }
        }

        return length > MaxLength ? start : length;
    }
}
