using System.IO.Compression;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Ends the connection of HTTP/1.1 below a blocking read.</summary>
/// <remarks>Disposing of the stream is not enough. The transport then reads the rest of the body to use the connection again, and the
/// blocked read takes part of it: the connection comes back with a read that waits for the next answer. .NET has no method that gives
/// a connection up. It does so when an asynchronous read is cancelled.</remarks>
internal static class BlockedConnection
{
    // A read of what has arrived completes at once, and its cancellation ends nothing: so it is repeated. The limit is for a body that
    // never pauses.
    private const int Rounds = 256;
    private const int RoundSize = 4096;

    /// <param name="body">What the read is blocked in.</param>
    /// <param name="version">That of the answer. From HTTP/2 on a stream ends alone, and it wakes only one read: the blocked one would
    /// stay.</param>
    public static void End(Stream body, Version version)
    {
        if (version.Major > 1 || Transport(body) is not { } stream)
        {
            return;
        }

        // Not disposed of: the read may still use its token.
        var end = new CancellationTokenSource();

        // No caller gets these bytes, and the blocked read throws also where it got some.
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
            // Over TLS a read beside another is refused, the transport's too: it gives the connection up when the stream is disposed of.
        }
    }

    /// <summary>The runtime's own stream; null for one of the user's, whose asynchronous read may block.</summary>
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
