using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>The JSON of an answer, token by token, with a bound for their number.</summary>
internal ref struct EurekaJson
{
    public Utf8JsonReader Reader;

    private int _tokens;

    public EurekaJson(scoped in ReadOnlySequence<byte> utf8)
    {
        var options = new JsonReaderOptions { MaxDepth = RegistryLimits.Depth };
        Reader = utf8.IsSingleSegment ? new Utf8JsonReader(utf8.FirstSpan, options) : new Utf8JsonReader(utf8, options);
    }

    public readonly JsonTokenType Type => Reader.TokenType;

    /// <exception cref="JsonException">The text is no JSON, or there are too many tokens.</exception>
    public bool Read()
    {
        if (!Reader.Read())
        {
            return false;
        }

        if (++_tokens > RegistryLimits.Tokens)
        {
            ThrowTooMany();
        }

        return true;
    }

    /// <summary>Goes to the next property of the object it is in. False: the object has ended.</summary>
    public bool ReadProperty() => Read() && Type == JsonTokenType.PropertyName;

    /// <summary>Goes to the end of the value it is at.</summary>
    public void Skip()
    {
        if (Type is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var depth = Reader.CurrentDepth;
            while (Read() && Reader.CurrentDepth > depth)
            {
            }
        }
    }

    /// <summary>Passes over the next value.</summary>
    public void SkipNext()
    {
        Read();
        Skip();
    }

    /// <summary>Goes to the first member of a list, which old servers write as a lone object where it has one member, or as an empty text where it has none.</summary>
    /// <param name="name">For the message.</param>
    /// <param name="isList">Whether <see cref="NextMember"/> may find more.</param>
    /// <exception cref="JsonException">It is neither.</exception>
    public bool FirstMember(string name, out bool isList)
    {
        isList = Type == JsonTokenType.StartArray;
        return Type switch
        {
            JsonTokenType.StartArray => NextMember(name),
            JsonTokenType.StartObject => true,
            JsonTokenType.Null => false,
            JsonTokenType.String when Reader.ValueTextEquals(ReadOnlySpan<byte>.Empty) => false,
            _ => throw new JsonException($"'{name}' is neither a list nor an object"),
        };
    }

    public bool NextMember(string name)
    {
        Read();
        return Type switch
        {
            JsonTokenType.StartObject => true,
            JsonTokenType.EndArray => false,
            _ => throw new JsonException($"'{name}' holds something that is no object"),
        };
    }

    /// <summary>A property that is believed must be there once: other readers of the same text would take the other one.</summary>
    public readonly void Once(ref bool seen)
    {
        if (seen)
        {
            throw Twice();
        }

        seen = true;
    }

    [DoesNotReturn]
    private static void ThrowTooMany() => throw new JsonException($"more than {RegistryLimits.Tokens} values");

    public readonly JsonException Twice() => new($"'{Printable.Of(Reader.HasValueSequence || Reader.ValueSpan.Length > 64 ? "a property" : Reader.GetString() ?? string.Empty)}' stands there twice");
}
