using System.IO.Compression;

namespace Mesh.Client.Eureka.Wire;

/// <summary>The body of a response, unpacked. It is unpacked here and not by the connection, so that the received bytes can be
/// counted.</summary>
internal sealed class ReceivedBody : IAsyncDisposable
{
    private readonly CountingStream _received;
    private readonly GZipStream? _gzip;

    private ReceivedBody(CountingStream received, bool isPacked)
    {
        _received = received;
        _gzip = isPacked ? new GZipStream(received, CompressionMode.Decompress) : null;
    }

    public bool IsPacked => _gzip is not null;

    /// <summary>How many bytes have come so far, packed.</summary>
    public long Received => _received.Count;

    public Stream Stream => _gzip as Stream ?? _received;

    public static async Task<ReceivedBody> OpenAsync(HttpContent content, CancellationToken cancellationToken) => new(
        new CountingStream(await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false)),
        content.Headers.ContentEncoding.LastOrDefault() is { } coding && coding.Equals("gzip", StringComparison.OrdinalIgnoreCase));

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private sealed class CountingStream(Stream inner) : Stream
    {
        public long Count { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Counted(inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Counted(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Counted(int read)
        {
            Count += read;
            return read;
        }
    }
}
