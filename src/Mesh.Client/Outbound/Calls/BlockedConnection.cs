using System.IO.Compression;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Ends the connection of HTTP/1.1 below a blocking read.</summary>
/// <remarks>Disposing of the stream is not enough. The transport then reads the rest of the body to reuse the connection, and the blocked
/// read takes part of it: the connection goes back to the pool with a read that waits for the next answer. .NET has no method to abandon a
/// connection. It does so when an asynchronous read is cancelled.</remarks>
internal static class BlockedConnection
{
    // A read of bytes that have arrived completes at once, and its cancellation ends nothing: so it is repeated. The limit is for a body
    // that never pauses.
    private const int Rounds = 256;
    private const int RoundSize = 4096;

    /// <param name="body">The stream that is blocked.</param>
    /// <param name="version">The version of the answer. From HTTP/2 on a stream ends without its connection, and that wakes only one read:
    /// the blocked one would stay.</param>
    public static void End(Stream body, Version version)
    {
        if (version.Major > 1 || Transport(body) is not { } stream)
        {
            return;
        }

        // Not disposed of: the read may still use its token.
        var end = new CancellationTokenSource();

        // No caller gets these bytes, and the blocked read throws even if it got some.
        var discarded = new byte[RoundSize];
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                var read = stream.ReadAsync(discarded, end.Token);
                if (!read.IsCompleted)
                {
                    AbandonedTask.Watch(read.AsTask());
                    end.Cancel();
                    return;
                }

                if (read.GetAwaiter().GetResult() == 0)
                {
                    return;
                }
            }
        }
        catch (Exception)
        {
            // Over TLS a second concurrent read is refused, the transport's own included: it abandons the connection when the stream is
            // disposed of.
        }
    }

    /// <summary>The runtime's own stream; null for one of the user, where an asynchronous read may block.</summary>
    private static Stream? Transport(Stream body) => body switch
    {
        ResumedStream resumed => Transport(resumed.Rest),
        GZipStream compressed => Transport(compressed.BaseStream),
        BrotliStream compressed => Transport(compressed.BaseStream),
        ZLibStream compressed => Transport(compressed.BaseStream),
        DeflateStream compressed => Transport(compressed.BaseStream),
        _ => body?.GetType().Assembly == typeof(HttpClient).Assembly ? body : null,
    };
}
