using System.Net.Http.Json;

namespace Mesh.Client.Calls;

/// <summary>Whether a request body can be sent a second time.</summary>
internal static class RequestBody
{
    /// <summary>Bodies held in memory can; a stream only if it can go back (then, and only then, it knows its length). Anything else is sent once.</summary>
    public static bool CanReplay(HttpContent? content) => content switch
    {
        null => true,
        ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        StreamContent => content.Headers.ContentLength is not null,
        MultipartContent parts => parts.All(CanReplay),
        _ => false,
    };
}
