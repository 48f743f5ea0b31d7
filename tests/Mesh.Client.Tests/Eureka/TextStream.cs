using System.Text;

namespace Mesh.Client.Tests.Eureka;

/// <summary>A long text that is never there as a whole.</summary>
internal sealed class TextStream(IEnumerable<string> texts) : Stream
{
    private readonly IEnumerator<string> _texts = texts.GetEnumerator();
    private ReadOnlyMemory<byte> _rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var read = 0;
        while (read < buffer.Length && (!_rest.IsEmpty || _texts.MoveNext()))
        {
            if (_rest.IsEmpty)
            {
                _rest = Encoding.UTF8.GetBytes(_texts.Current);
            }

            var more = Math.Min(buffer.Length - read, _rest.Length);
            _rest.Span[..more].CopyTo(buffer[read..]);
            _rest = _rest[more..];
            read += more;
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
