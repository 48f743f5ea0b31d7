using System.Text;
using Mesh.Client.Discovery;
using Mesh.Client.Primitives;

namespace Mesh.Client.Eureka.Wire;

/// <summary>Reads the metadata of one instance after the other, and takes the entries that may be labels.</summary>
/// <remarks>Only the malformed entry is dropped: one instance must not be able to keep all others from being read.</remarks>
internal sealed class LabelReader
{
    private readonly (TextRange Key, TextRange Value)[] _labels = new (TextRange Key, TextRange Value)[RegistryLimits.Labels];
    private readonly TextBuffer _texts = new();
    private int _count;
    private ulong _marks;

    /// <summary>Contains the texts of <see cref="Labels"/>.</summary>
    public byte[] Texts => _texts.Bytes;

    /// <summary>The labels of the present instance.</summary>
    public ReadOnlySpan<(TextRange Key, TextRange Value)> Labels => _labels.AsSpan(0, _count);

    /// <summary>A new instance begins.</summary>
    public void Clear()
    {
        _texts.Clear();
        _count = 0;
        _marks = 0;
    }

    public void Read(ref EurekaJson json)
    {
        if (!json.EnterObjectOrSkip())
        {
            return;
        }

        while (json.NextProperty())
        {
            if (_count == RegistryLimits.Labels)
            {
                json.Skip();
                continue;
            }

            var key = json.NameText;
            if (IsKnown(key))
            {
                throw json.Twice();
            }

            if (json.TryReadText(out var value) && IsLabel(key, value))
            {
                _labels[_count++] = (_texts.Keep(key), _texts.Keep(value));
            }
        }
    }

    private bool IsKnown(ReadOnlySpan<byte> key)
    {
        // Nearly every key is new; the mark shows that with one look.
        var mark = key.IsEmpty ? 1UL : 1UL << ((key.Length + (key[0] * 7) + (key[^1] * 31)) & 63);
        if ((_marks & mark) == 0)
        {
            _marks |= mark;
            return false;
        }

        foreach (var label in Labels)
        {
            if (label.Key.Of(_texts.Bytes).SequenceEqual(key))
            {
                return true;
            }
        }

        return false;
    }

    // "@class" belongs to the codec, not to the application.
    private static bool IsLabel(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        !key.IsEmpty && !key.SequenceEqual("@class"u8)
        && IsLabelText(key, RegistryLimits.LabelKeyLength) && IsLabelText(value, RegistryLimits.LabelValueLength);

    // Control characters have no business in a value that may be compared with headers.
    private static bool IsLabelText(ReadOnlySpan<byte> utf8, int longest) => !utf8.ContainsAnyExceptInRange((byte)' ', (byte)'~')
        ? utf8.Length <= longest
        : utf8.Length <= longest * 3 && Encoding.UTF8.GetString(utf8) is var text && text.Length <= longest && !Printable.HasControl(text);
}
