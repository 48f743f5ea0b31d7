using System.Collections.Frozen;
using System.Diagnostics;

namespace Mesh.Client.Model;

/// <summary>Lets through what is allowed of a <c>baggage</c> header: to services of the mesh the listed keys, elsewhere nothing.</summary>
internal sealed class BaggageFilter
{
    public const string HeaderName = "baggage";

    /// <summary>The name of the same before it was standardised, which .NET still writes where it is asked to.</summary>
    public const string LegacyHeaderName = "Correlation-Context";

    public static readonly BaggageFilter Nothing = new([]);

    private const int MaxLength = 2048;

    /// <summary>Longer headers are rare, and worked on outside of the stack.</summary>
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

    /// <summary>The members that may go on, as far as they fit.</summary>
    /// <returns>Empty when there is nothing to send.</returns>
    public string Apply(string header) => Select(header, allowed: true);

    /// <summary>The part of an untrusted caller's header that stays: all keys that would not be passed on.</summary>
    public string Remove(string header) => Select(header, allowed: false);

    /// <summary>Gives an activity what may go on of another one's baggage.</summary>
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

    /// <returns>The new length; the old one if the member cannot go on.</returns>
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
            // Spaces stand around the "=" at most, where they mean nothing.
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
