using System.Net;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Replaces the user's content during one attempt, so that its sending can be watched.</summary>
internal sealed class UploadContent : HttpContent
{
    private readonly Upload _upload;

    private UploadContent(Upload upload)
    {
        _upload = upload;
        upload.CopyHeaders(Headers);
    }

    /// <summary>The content that the request carries during the attempt.</summary>
    public static HttpContent For(Upload upload) =>
        RequestBody.IsSentBeforeAnswer(upload.Content) ? new SequentialUploadContent(upload) : new UploadContent(upload);

    /// <summary>The upload that a content belongs to; null if it is not the mesh's.</summary>
    public static Upload? UploadOf(HttpContent? content) => content switch
    {
        UploadContent watched => watched._upload,
        SequentialUploadContent watched => watched.Upload,
        _ => null,
    };

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
