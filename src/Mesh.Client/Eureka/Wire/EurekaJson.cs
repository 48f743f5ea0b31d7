using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mesh.Client.Discovery;
using Mesh.Client.Primitives;

namespace Mesh.Client.Eureka.Wire;

/// <summary>Reads the JSON of an answer, forward only. It accepts and refuses the same as the runtime's reader.</summary>
/// <remarks>
/// Most of an answer is skipped, and the runtime's reader spends most of its time on which token may come next. Here the reading method
/// knows. What is rare in an answer (escapes, numbers with a sign or a point) is left to the runtime's reader. An object or list that has
/// been entered is read to its end, and every property or member is read or skipped.
/// </remarks>
internal ref struct EurekaJson(scoped in ReadOnlySequence<byte> utf8)
{
    private BodyWindow _body = new(utf8);
    private int _at;
    private int _depth;
    private bool _first;
    private ReadOnlySpan<byte> _name;
    private bool _isNameEscaped;

    /// <summary>The name of the property, for comparison. A name that is not valid text matches nothing.</summary>
    public readonly ReadOnlySpan<byte> Name => _isNameEscaped ? JsonText.TryUnescape(_name, out _) : _name;

    /// <summary>The name of the property, for keeping.</summary>
    /// <exception cref="JsonException">It is not valid text.</exception>
    public readonly ReadOnlySpan<byte> NameText => _isNameEscaped ? JsonText.Unescape(_name) : JsonText.Valid(_name);

    /// <summary>The first byte of the next value, or of the end of the object or list; 0 at the end of the text.</summary>
    public byte Next()
    {
        while (true)
        {
            if (_at < _body.Bytes.Length)
            {
                var next = _body.Bytes[_at];
                if (next > ' ')
                {
                    return next;
                }

                if (next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                {
                    throw Malformed();
                }

                _at++;
            }
            else if (!TryMove())
            {
                return 0;
            }
        }
    }

    /// <summary>Goes into an object.</summary>
    /// <exception cref="JsonException">The value is not an object.</exception>
    public void EnterObject() => Enter((byte)'{');

    /// <summary>Goes into an object, or skips a value that is not one.</summary>
    /// <returns>Whether it is an object.</returns>
    public bool EnterObjectOrSkip()
    {
        if (Next() == '{')
        {
            EnterObject();
            return true;
        }

        Skip();
        return false;
    }

    /// <summary>Goes to the value of the next property. False: the object has ended.</summary>
    public bool NextProperty()
    {
        // The usual form: ,"name":
        var bytes = _body.Bytes;
        var start = _at + 2;
        if (!_first && start < bytes.Length && bytes[_at] == ',' && bytes[_at + 1] == '"')
        {
            var end = JsonText.End(bytes, start);
            if (end + 1 < bytes.Length && bytes[end] == '"' && bytes[end + 1] == ':')
            {
                _name = bytes[start..end];
                _isNameEscaped = false;
                _at = end + 2;
                return true;
            }
        }

        if (HasEnded((byte)'}'))
        {
            return false;
        }

        if (Next() != '"')
        {
            throw Malformed();
        }

        _name = ReadString(out _isNameEscaped);
        if (Next() != ':')
        {
            throw Malformed();
        }

        _at++;
        return true;
    }

    /// <summary>Reads a value as text: a string, a number, true or false. False: it is something else, and was skipped.</summary>
    /// <exception cref="JsonException">It is not UTF-8.</exception>
    public bool TryReadText(out ReadOnlySpan<byte> text)
    {
        switch (Next())
        {
            case (byte)'"':
                text = ReadString(out var isEscaped);
                text = isEscaped ? JsonText.Unescape(text) : JsonText.Valid(text);
                return true;
            case (byte)'{' or (byte)'[':
                Skip();
                text = default;
                return false;
            default:
                text = ReadWord();
                return text[0] != 'n';
        }
    }

    /// <summary>Skips a value.</summary>
    public void Skip()
    {
        // Recursion is bounded: an answer must not nest deeper than the limit.
        switch (Next())
        {
            case (byte)'"':
                _ = ReadString(out _);
                break;
            case (byte)'{':
                EnterObject();
                while (NextProperty())
                {
                    Skip();
                }

                break;
            case (byte)'[':
                Enter((byte)'[');
                while (!HasEnded((byte)']'))
                {
                    Skip();
                }

                break;
            default:
                _ = ReadWord();
                break;
        }
    }

    /// <summary>Goes to the first member of a list. Old servers write a list of one as a lone object, and an empty list as an empty
    /// text.</summary>
    /// <param name="name">For the message.</param>
    /// <param name="isList">Whether <see cref="NextMember"/> may find more.</param>
    /// <exception cref="JsonException">It is neither a list nor one of these.</exception>
    public bool FirstMember(string name, out bool isList)
    {
        var next = Next();
        isList = next == '[';
        if (isList)
        {
            Enter((byte)'[');
            return NextMember(name);
        }

        return next == '{' || (next is not ((byte)'"' or (byte)'n') || (TryReadText(out var text) && !text.IsEmpty)
            ? throw new JsonException($"'{name}' is neither a list nor an object")
            : false);
    }

    public bool NextMember(string name) =>
        !HasEnded((byte)']') && (Next() == '{' ? true : throw new JsonException($"'{name}' contains something that is not an object"));

    /// <summary>Checks that nothing follows.</summary>
    public void End()
    {
        if (Next() != 0)
        {
            throw Malformed();
        }
    }

    /// <summary>Checks that a property occurs only once: another reader of the same text might take the other one.</summary>
    public readonly void Once(ref bool seen)
    {
        if (seen)
        {
            throw Twice();
        }

        seen = true;
    }

    public readonly JsonException Twice() =>
        new($"'{(_name.Length > 64 ? "a property" : Printable.Of(System.Text.Encoding.UTF8.GetString(Name)))}' occurs twice");

    private void Enter(byte bracket)
    {
        if (Next() != bracket)
        {
            throw Malformed();
        }

        if (++_depth > RegistryLimits.Depth)
        {
            throw new JsonException($"more than {RegistryLimits.Depth} levels");
        }

        _at++;
        _first = true;
    }

    /// <summary>Reads the end of the object or list, or the comma before the next member.</summary>
    private bool HasEnded(byte bracket)
    {
        var next = Next();
        if (next == bracket)
        {
            _depth--;
            _at++;
            _first = false;
            return true;
        }

        if (!_first)
        {
            if (next != ',')
            {
                throw Malformed();
            }

            _at++;
        }

        _first = false;
        return false;
    }

    /// <returns>The text between the quotes; if there are escapes, with the quotes.</returns>
    private ReadOnlySpan<byte> ReadString(out bool isEscaped)
    {
        var bytes = _body.Bytes;
        var start = _at + 1;
        var end = JsonText.End(bytes, start);
        if ((uint)end < (uint)bytes.Length && bytes[end] == '"')
        {
            _at = end + 1;
            isEscaped = false;
            return bytes[start..end];
        }

        return ReadUnusualString(out isEscaped);
    }

    /// <summary>A text with escapes, or that does not end in the window, or that is malformed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOnlySpan<byte> ReadUnusualString(out bool isEscaped)
    {
        isEscaped = false;
        var end = _at + 1;
        while (true)
        {
            var bytes = _body.Bytes;
            end = JsonText.End(bytes, end);
            if (end < bytes.Length && bytes[end] == '\\')
            {
                // Whatever it is: the runtime's reader checks it once all of the text is there.
                isEscaped = true;
                end += 2;
            }
            else if (end < bytes.Length)
            {
                if (bytes[end] != '"')
                {
                    throw Malformed();
                }

                var text = bytes[_at..(end + 1)];
                _at = end + 1;
                return isEscaped ? JsonText.Checked(text) : text[1..^1];
            }

            if (end >= _body.Bytes.Length)
            {
                end -= _at;
                if (!TryMove())
                {
                    throw Malformed();
                }
            }
        }
    }

    /// <summary>Reads a number, true, false or null.</summary>
    private ReadOnlySpan<byte> ReadWord()
    {
        while (true)
        {
            var bytes = _body.Bytes;
            var end = _at;
            while (end < bytes.Length && char.IsAsciiDigit((char)bytes[end]))
            {
                end++;
            }

            var isPlain = end > _at && (bytes[_at] != '0' || end == _at + 1);
            for (; end < bytes.Length && bytes[end] is not ((byte)',' or (byte)'}' or (byte)']' or <= (byte)' '); end++)
            {
                isPlain = false;
            }

            if (end < bytes.Length || !TryMove())
            {
                var word = bytes[_at..end];
                _at = end;
                return isPlain ? word : JsonText.Checked(word);
            }
        }
    }

    private bool TryMove()
    {
        if (!_body.Move(_at))
        {
            return false;
        }

        _at = 0;
        return true;
    }

    private static JsonException Malformed() => new("malformed");
}
