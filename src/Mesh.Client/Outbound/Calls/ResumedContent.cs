using System.Net;

namespace Mesh.Client.Outbound.Calls;

/// <summary>A body partly read by the attempt; the caller reads the rest.</summary>
internal sealed class ResumedContent : HttpContent
{
    private readonly HttpContent _origin;
    private readonly ResumedStream _stream;

    public ResumedContent(HttpContent origin, ResumedStream stream)
    {
        _origin = origin;
        _stream = stream;
        ContentHeaders.Copy(origin, this);
    }

    /// <inheritdoc cref="ResumedStream.IsReading"/>
    public bool IsReading => _stream.IsReading;

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(_stream);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => _stream;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _stream.CopyToAsync(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = _origin.Headers.ContentLength ?? 0;
        return _origin.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
            _origin.Dispose();
        }

        base.Dispose(disposing);
    }
}
