using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Calls;

/// <summary>Whether a request body can be sent a second time.</summary>
internal static class RequestBody
{
    /// <summary>Bodies held in memory can; a stream only if it can go back. Anything else is sent once.</summary>
    public static bool CanReplay(HttpContent? content) => content switch
    {
        null => true,
        ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        // Not by its length: the user may have stated one for a stream that cannot go back.
        StreamContent => content.ReadAsStream().CanSeek,
        MultipartContent parts => parts.All(CanReplay),
        _ => false,
    };

    /// <summary>Whether the sending failed because the body could not be read, and not because the endpoint stopped taking it. The runtime reports both alike.</summary>
    /// <remarks>A connection that breaks has the socket's or the protocol's error below it. An application that passes on the request it serves reads that body
    /// while it sends: its own caller's reset must not count against the endpoint.</remarks>
    public static bool MayHaveThrown(HttpContent? content, Exception cause)
    {
        if (content is null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent || cause is not IOException)
        {
            return false;
        }

        if (cause is ConnectionResetException or ConnectionAbortedException or BadHttpRequestException)
        {
            // Only a server throws these.
            return true;
        }

        for (var inner = cause; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException or HttpIOException or ObjectDisposedException)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the body may still be on its way out when the response headers are there. On HTTP/1.1 the runtime waits for its end first.</summary>
    public static bool MayOutlastHeaders(HttpContent? content, HttpResponseMessage response) =>
        content is not null && response.Version >= HttpVersion.Version20 && content.Headers.ContentLength is null;
}
