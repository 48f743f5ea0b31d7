using System.Net;
using System.Net.Http.Json;

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

    /// <summary>Whether the body may still be on its way out when the response headers are there. On HTTP/1.1 the runtime waits for its end first.</summary>
    public static bool MayOutlastHeaders(HttpContent? content, HttpResponseMessage response) =>
        content is not null && response.Version >= HttpVersion.Version20 && content.Headers.ContentLength is null;
}
