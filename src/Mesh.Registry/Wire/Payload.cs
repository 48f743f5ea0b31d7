using System.IO.Compression;

namespace Mesh.Registry.Wire;

/// <summary>The bytes of one answer, and their compressed form after the first request for it.</summary>
internal sealed class Payload(byte[] plain)
{
    private readonly Lazy<byte[]> _gzip = new(() => Compress(plain));

    public byte[] Plain => plain;

    public byte[] Gzip => _gzip.Value;

    private static byte[] Compress(byte[] plain)
    {
        var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return buffer.ToArray();
    }
}
