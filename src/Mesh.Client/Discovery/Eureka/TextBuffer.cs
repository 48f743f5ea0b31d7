using System.Text.Json;
using System.Text.Unicode;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>The texts of one instance while it is read: well-formed UTF-8, without escapes, one after the other.</summary>
internal sealed class TextBuffer
{
    private const int UsualBytes = 4 * 1024;
    private const int MostKeptBytes = 64 * 1024;

    private byte[] _texts = new byte[UsualBytes];
    private int _used;

    /// <summary>Where they lie; another array when there was no room any more.</summary>
    public byte[] Bytes => _texts;

    /// <summary>A new instance begins.</summary>
    public void Clear()
    {
        _used = 0;
        if (_texts.Length > MostKeptBytes)
        {
            _texts = new byte[UsualBytes];
        }
    }

    /// <summary>The last one is not needed any more.</summary>
    public void Drop(TextRange last) => _used = last.Start;

    /// <summary>The text of a value, kept until the next instance; null for what is none.</summary>
    public TextRange? Read(ref EurekaJson json)
    {
        switch (json.Type)
        {
            case JsonTokenType.String:
                return Copy(ref json);
            case JsonTokenType.Number:
                return Copy(ref json);
            case JsonTokenType.True:
                return Keep("true"u8);
            case JsonTokenType.False:
                return Keep("false"u8);
            default:
                json.Skip();
                return null;
        }
    }

    /// <summary>The text of a string, a number or a name.</summary>
    public TextRange Copy(ref EurekaJson json)
    {
        ref var reader = ref json.Reader;
        var length = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
        var target = Room(length);
        if (reader.TokenType == JsonTokenType.Number || (!reader.HasValueSequence && !reader.ValueIsEscaped))
        {
            if (reader.HasValueSequence)
            {
                System.Buffers.BuffersExtensions.CopyTo(reader.ValueSequence, target);
            }
            else
            {
                reader.ValueSpan.CopyTo(target);
            }

            return Utf8.IsValid(target[..length]) ? Take(length) : throw IllFormed();
        }

        try
        {
            return Take(reader.CopyString(target));
        }
        catch (InvalidOperationException halfPair)
        {
            throw IllFormed(halfPair);
        }
    }

    private TextRange Keep(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        return Take(text.Length);
    }

    private Span<byte> Room(int length)
    {
        if (_texts.Length - _used < length)
        {
            Array.Resize(ref _texts, Math.Max(_texts.Length * 2, _used + length));
        }

        return _texts.AsSpan(_used);
    }

    private TextRange Take(int length)
    {
        var range = new TextRange(_used, length);
        _used += length;
        return range;
    }

    // No JSON: a registry that writes it is broken, or what it wrote was damaged on the way.
    private static JsonException IllFormed(Exception? cause = null) => new("a text that is no UTF-8", cause);
}
