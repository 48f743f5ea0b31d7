using System.Net.Http.Json;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>What a request's body is able to do, as far as it can be told without reading it.</summary>
internal static class RequestBody
{
    /// <summary>Whether the body can be sent a second time. Bodies held in memory can; a stream only if it can
    /// go back. Anything else is sent once.</summary>
    /// <remarks>Leaves the content as it is: a handler of the user's may have read it, or may read it later. What a class of the user's
    /// does that derives from one of .NET's is not known.</remarks>
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
            // Disposed of, or a stream that throws when it is asked: the attempt will meet that, and end with it.
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

    /// <summary>Whether the body is plain memory: sending it cannot fail, and calls no code of the user's.</summary>
    public static bool IsMemory(HttpContent content)
    {
        var type = content.GetType();
        return type == typeof(StringContent)
            || type == typeof(ByteArrayContent)
            || type == typeof(ReadOnlyMemoryContent)
            || type == typeof(FormUrlEncodedContent);
    }

    /// <summary>Whether the runtime sends the body to its end before it gives the answer back, also on HTTP/2.</summary>
    public static bool IsSentBeforeAnswer(HttpContent content) =>
        content is StreamContent or MultipartContent or ByteArrayContent or ReadOnlyMemoryContent;

    /// <summary>Whether the body may wait for the answer: a conversation, in which the silence may be either side's.</summary>
    public static bool IsGrpc(HttpContent content) =>
        content.Headers.ContentType?.MediaType is { } type && GrpcRequest.IsType(type);

    /// <summary>The stream of a <see cref="StreamContent"/> cannot be asked for without a trace: then it counts as read, synchronously or
    /// not. A multipart content asks its parts for the length that they compute, which a stream content can do exactly if its stream can go
    /// back. A length that the user has stated does not enter into it.</summary>
    private static bool CanSeek(HttpContent content)
    {
#pragma warning disable CA2000 // Disposing of it would dispose of the user's content.
        var asking = new MultipartContent("mixed", "b") { content };
#pragma warning restore CA2000
        return asking.Headers.ContentLength is not null;
    }

    /// <summary>A handler may have loaded it into memory: its length is then known, although nothing has stated it.</summary>
    private static bool IsBuffered(HttpContent content) =>
        !content.Headers.NonValidated.Contains("Content-Length") && content.Headers.ContentLength is not null;
}
