namespace Mesh.Client.Eureka.Wire;

/// <summary>The labels of one instance while it is read, one text after the other.</summary>
internal sealed class TextBuffer
{
    private const int UsualBytes = 4 * 1024;
    private const int MaxKeptBytes = 64 * 1024;

    private byte[] _texts = new byte[UsualBytes];
    private int _used;

    /// <summary>The present array; replaced when it becomes too small.</summary>
    public byte[] Bytes => _texts;

    /// <summary>A new instance begins.</summary>
    public void Clear()
    {
        _used = 0;
        if (_texts.Length > MaxKeptBytes)
        {
            _texts = new byte[UsualBytes];
        }
    }

    public TextRange Keep(ReadOnlySpan<byte> text)
    {
        var range = new TextRange(_used, text.Length);
        if (_texts.Length - _used < text.Length)
        {
            Array.Resize(ref _texts, Math.Max(_texts.Length * 2, _used + text.Length));
        }

        text.CopyTo(_texts.AsSpan(_used));
        _used += text.Length;
        return range;
    }
}
