using System.Net.Http.Json;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The properties of a request's body, as far as they can be found without reading it.</summary>
internal static class RequestBody
{
    /// <summary>Whether the body can be sent a second time. Bodies held in memory can; a stream only if it can seek. Anything else is sent
    /// once.</summary>
    /// <remarks>Does not touch the content: the user's handler may have read it, or may read it later. A user's class derived from one of
    /// .NET's is unknown and counts as not repeatable.</remarks>
    public static bool CanReplay(HttpContent? content)
    {
        try
        {
            return content switch
            {
                null => true,
                _ when !IsOfRuntime(content) => IsSingleGrpcMessage(content),
                ByteArrayContent or ReadOnlyMemoryContent => true,
                JsonContent json => !JsonSequence.IsReadOnce(json.Value),
                StreamContent => CanSeek(content) || IsBuffered(content),
                MultipartContent parts => parts.All(CanReplay),
                _ => false,
            };
        }
        catch (Exception)
        {
            // Disposed, or a stream that throws when asked: the attempt will meet the same error, and end with it.
            return false;
        }
    }

    /// <summary>By name, since the package is the application's. It writes the message of a call anew as often as it is asked to; what a
    /// stream of messages has written is gone, and has another class.</summary>
    private static bool IsSingleGrpcMessage(HttpContent content) =>
        content.GetType() is { Name: "PushUnaryContent`2", Namespace: "Grpc.Net.Client.Internal" };

    private static bool IsOfRuntime(HttpContent content)
    {
        var assembly = content.GetType().Assembly;
        return assembly == typeof(HttpContent).Assembly || assembly == typeof(JsonContent).Assembly;
    }

    /// <summary>Whether the body is plain memory: sending it cannot fail, and calls no user code.</summary>
    public static bool IsMemory(HttpContent content)
    {
        var type = content.GetType();
        return type == typeof(StringContent)
            || type == typeof(ByteArrayContent)
            || type == typeof(ReadOnlyMemoryContent)
            || type == typeof(FormUrlEncodedContent);
    }

    /// <summary>Whether two sendings of the body at the same time would share the position of a stream.</summary>
    public static bool IsReadInTurn(HttpContent content) =>
        IsOfRuntime(content) && (content is StreamContent || (content is MultipartContent parts && parts.Any(IsReadInTurn)));

    /// <summary>Whether the runtime sends the whole body before it returns the answer, even over HTTP/2.</summary>
    public static bool IsSentBeforeAnswer(HttpContent content) =>
        content is StreamContent or MultipartContent or ByteArrayContent or ReadOnlyMemoryContent;

    /// <summary>Whether the body may wait for the answer: in a conversation, either side may be the silent one.</summary>
    public static bool IsGrpc(HttpContent content) =>
        content.Headers.ContentType?.MediaType is { } type && GrpcRequest.IsType(type);

    /// <summary>Whether the content's stream can seek. Asking a <see cref="StreamContent"/> for its stream leaves a trace: it then counts
    /// as read. A multipart content asks its parts for their computed length, and a stream content can compute one exactly if its stream
    /// can seek. A length stated by the user is not used for that.</summary>
    private static bool CanSeek(HttpContent content)
    {
#pragma warning disable CA2000 // Disposing of it would dispose of the user's content.
        var asking = new MultipartContent("mixed", "b") { content };
#pragma warning restore CA2000
        return asking.Headers.ContentLength is not null;
    }

    /// <summary>Whether a handler has loaded it into memory: its length is then known, although nothing has stated it.</summary>
    private static bool IsBuffered(HttpContent content) =>
        !content.Headers.NonValidated.Contains("Content-Length") && content.Headers.ContentLength is not null;
}
