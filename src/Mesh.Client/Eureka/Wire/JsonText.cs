using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Unicode;

namespace Mesh.Client.Eureka.Wire;

/// <summary>The texts of JSON: where they end, and what they say.</summary>
internal static class JsonText
{
    /// <summary>What ends a text, or must not stand in one.</summary>
    private static readonly SearchValues<byte> Ends = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(static control => (byte)control), (byte)'"', (byte)'\\']);

    /// <summary>Where a text ends, or where something stands that is not simply part of it; the length for nowhere.</summary>
    public static int End(ReadOnlySpan<byte> bytes, int at)
    {
        // Most texts are short: with the runtime's search, calling it would be most of the work.
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

    /// <summary>One value as the runtime's reader takes it, alone.</summary>
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

    // No JSON: a registry that writes it is broken, or what it wrote was damaged on the way.
    private static JsonException IllFormed(Exception? cause = null) => new("a text that is no UTF-8", cause);
}
