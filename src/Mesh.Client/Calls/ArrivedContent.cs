using System.Net;

namespace Mesh.Client.Calls;

/// <summary>A small body that has arrived as a whole. It is in memory as <see cref="HttpClient"/> would have put it there next, so that
/// buffering it again costs nothing.</summary>
internal sealed class ArrivedContent : HttpContent
{
    private readonly int _length;
    private ReadOnlyMemory<byte> _bytes;

    /// <param name="origin">The content whose headers it takes over.</param>
    /// <param name="bytes">The body; not used any more after this.</param>
    public ArrivedContent(HttpContent origin, ReadOnlyMemory<byte> bytes)
    {
        ContentHeaders.Copy(origin, this);
        _length = bytes.Length;
        _bytes = bytes;

        // Completes at once: it only copies.
        LoadIntoBufferAsync().GetAwaiter().GetResult();
        _bytes = default;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        stream.Write(_bytes.Span);
        return Task.CompletedTask;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
