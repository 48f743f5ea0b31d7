using System.Buffers;
using System.Net;

namespace Mesh.Client.Outbound.Calls;

/// <summary>A small body that has arrived as a whole. <see cref="HttpClient"/> then copies it into its buffer, if that may be so large.
/// Otherwise it is read once, as from the transport.</summary>
internal sealed class ArrivedContent : HttpContent
{
    private readonly int _length;

    // From the shared pool. Taking it out gives exclusive ownership, with the duty to return it: several readers, or one and Dispose, may
    // race.
    private byte[]? _rented;

    /// <param name="origin">The content to copy the headers from.</param>
    /// <param name="rented">Begins with the body; owned by this object from now on.</param>
    /// <param name="length">The length of the body.</param>
    public ArrivedContent(HttpContent origin, byte[] rented, int length)
    {
        ContentHeaders.Copy(origin, this);
        _rented = rented;
        _length = length;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var rented = Take();
        var write = stream.WriteAsync(rented.AsMemory(0, _length), cancellationToken);
        if (!write.IsCompletedSuccessfully)
        {
            return AwaitAsync(write, rented);
        }

        write.GetAwaiter().GetResult();
        ArrayPool<byte>.Shared.Return(rented);
        return Task.CompletedTask;
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var rented = Take();
        stream.Write(rented.AsSpan(0, _length));
        ArrayPool<byte>.Shared.Return(rented);
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(Read());

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Read();

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        base.Dispose(disposing);
    }

    // A write that has failed may still be reading: its array is left to the collector.
    private static async Task AwaitAsync(ValueTask write, byte[] rented)
    {
        await write.ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>A copy: the reader may keep it for any time.</summary>
    private MemoryStream Read()
    {
        var rented = Take();
        var bytes = rented.AsSpan(0, _length).ToArray();
        ArrayPool<byte>.Shared.Return(rented);
        return new MemoryStream(bytes, writable: false);
    }

    private byte[] Take() =>
        Interlocked.Exchange(ref _rented, null)
        ?? throw new InvalidOperationException("The stream was already consumed. It cannot be read again.");
}
