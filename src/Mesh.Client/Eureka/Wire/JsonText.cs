using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Unicode;

namespace Mesh.Client.Eureka.Wire;

/// <summary>The strings of JSON: where they end, and what they mean.</summary>
internal static class JsonText
{
    /// <summary>The bytes that end a text, or must not occur in one.</summary>
    private static readonly SearchValues<byte> Ends = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(static control => (byte)control), (byte)'"', (byte)'\\']);

    /// <summary>The position of the end of a text, or of a byte that needs special treatment; the length for none.</summary>
    public static int End(ReadOnlySpan<byte> bytes, int at)
    {
        // Most texts are short: a call of the runtime's search would cost more than the search.
        while (Vector256.IsHardwareAccelerated && bytes.Length - at >= Vector256<byte>.Count)
        {
            var some = Vector256.Create(bytes.Slice(at, Vector256<byte>.Count));
            var ends = Vector256.Equals(some, Vector256.Create((byte)'"')) | Vector256
                .Equals(some, Vector256.Create((byte)'\\')) | Vector256
                .LessThan(some, Vector256.Create((byte)' '));
            if (ends != Vector256<byte>.Zero)
            {
                return at + BitOperations.TrailingZeroCount(ends.ExtractMostSignificantBits());
            }

            at += Vector256<byte>.Count;
        }

        var rest = at < bytes.Length ? bytes[at..].IndexOfAny(Ends) : -1;
        return rest < 0 ? Math.Max(at, bytes.Length) : at + rest;
    }

    /// <summary>Lets the runtime's reader check a single value.</summary>
    public static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value);
        while (reader.Read())
        {
        }

        return value;
    }

    public static ReadOnlySpan<byte> Valid(ReadOnlySpan<byte> text) => Utf8.IsValid(text) ? text : throw IllFormed();

    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> quoted)
    {
        var text = TryUnescape(quoted, out var halfPair);
        return halfPair is null ? text : throw IllFormed(halfPair);
    }

    public static ReadOnlySpan<byte> TryUnescape(ReadOnlySpan<byte> quoted, out InvalidOperationException? problem)
    {
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        var text = new byte[quoted.Length];
        try
        {
            problem = null;
            return text.AsSpan(0, reader.CopyString(text));
        }
        catch (InvalidOperationException halfPair)
        {
            problem = halfPair;
            return [];
        }
    }

    // Not JSON: the registry is broken, or its answer was damaged on the way.
    private static JsonException IllFormed(Exception? cause = null) => new("a text that is no UTF-8", cause);
}
