using System.Buffers;
using System.IO.Pipelines;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Http;

/// <summary>Reads bodies of limited size, with a known length or in chunks.</summary>
internal static class RequestBody
{
    /// <summary>Reads only as far as needed to see that a body is too large.</summary>
    /// <returns>The body. Null when the request is already answered: the body is too large, malformed or too slow, or the client has
    /// disconnected.</returns>
    public static async Task<byte[]?> ReadAsync(HttpContext context, int limit)
    {
        try
        {
            if (context.Request.ContentLength is not { } announced || announced <= limit)
            {
                if (await ReadAsync(context.Request.BodyReader, limit).ConfigureAwait(false) is { } body)
                {
                    return body;
                }
            }
        }
        catch (IOException broken)
        {
            // The server gives the reason by its status; a broken connection gives none.
            var status = (broken as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest;
            await RegistryResponse.BareAsync(context, status).ConfigureAwait(false);
            if (broken is ConnectionResetException || (broken is not BadHttpRequestException && context.Request.ContentLength is not null))
            {
                // No answer can be sent. Without the abort, the server would read to the end of the body, fail, and log an error for each
                // such request. A malformed chunk is an IOException, too, and is answered.
                context.Abort();
            }

            return null;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            await RegistryResponse.BareAsync(context, StatusCodes.Status400BadRequest).ConfigureAwait(false);
            return null;
        }

        var problem = RegistrationProblems.BodyTooLarge(limit);
        await RegistryResponse.RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, problem).ConfigureAwait(false);
        return null;
    }

    /// <summary>Takes each part out of the reader before it reads the next. The server cannot end a connection cleanly while parts remain
    /// in the reader, nor after a read that was cancelled: it would log a warning for each client that disconnects during its
    /// body.</summary>
    /// <returns>Null if it is too large.</returns>
    private static async Task<byte[]?> ReadAsync(PipeReader reader, int limit)
    {
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            var result = await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            var fits = body.WrittenCount + result.Buffer.Length <= limit;
            foreach (var part in fits ? result.Buffer : default)
            {
                body.Write(part.Span);
            }

            reader.AdvanceTo(result.Buffer.End);
            if (!fits || result.IsCompleted)
            {
                return fits ? body.WrittenSpan.ToArray() : null;
            }
        }
    }
}
