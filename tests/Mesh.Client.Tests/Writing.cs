using System.Net;

namespace Mesh.Client.Tests;

/// <summary>A request body that does what a test says. Of unknown length, unless told.</summary>
internal sealed class Writing(Func<Stream, Task> write, Func<long>? length = null) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        write(stream).GetAwaiter().GetResult();

    protected override bool TryComputeLength(out long result)
    {
        result = length?.Invoke() ?? 0;
        return length is not null;
    }
}
