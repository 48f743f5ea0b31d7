using System.Net;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Like <see cref="UploadContent"/>, for contents that the runtime sends completely before it returns an answer: streams, parts,
/// memory.
/// </summary>
/// <remarks>The runtime decides this by an internal property, which is inherited: so this derives from such a content. Its user may close
/// the stream after the answer.</remarks>
internal sealed class SequentialUploadContent : ByteArrayContent
{
    private readonly Upload _upload;

    public SequentialUploadContent(Upload upload)
        : base([])
    {
        _upload = upload;
        upload.CopyHeaders(Headers);
    }

    public Upload Upload => _upload;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        _upload.SendAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _upload.SendAsync(stream, context, cancellationToken);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _upload.Send(stream, context, cancellationToken);

    protected override Task<Stream> CreateContentReadStreamAsync() => _upload.ReadAsync(CancellationToken.None);

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        _upload.ReadAsync(cancellationToken);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => _upload.Read(cancellationToken);

    protected override bool TryComputeLength(out long length) => _upload.TryGetLength(out length);

    protected override void Dispose(bool disposing)
    {
        // Only the owner of the request disposes of it during the attempt: the user's content is meant.
        if (disposing)
        {
            _upload.Content.Dispose();
        }

        base.Dispose(disposing);
    }
}
