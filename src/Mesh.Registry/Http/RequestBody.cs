using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry;

/// <summary>Reads bodies of bounded size, whether their length was announced or they come in chunks.</summary>
internal static class RequestBody
{
    /// <summary>Reads at most one byte more than is allowed: enough to know that it is too much.</summary>
    /// <returns>The body. Null when the request is answered already: the body is too large, malformed
    /// or too slow, or the client has gone.</returns>
    public static async Task<byte[]?> ReadAsync(HttpContext context, int limit)
    {
        try
        {
            if (context.Request.ContentLength is not { } announced || announced <= limit)
            {
                var reader = context.Request.BodyReader;
                var result = await reader.ReadAtLeastAsync(limit + 1, context.RequestAborted).ConfigureAwait(false);
                var body = result.Buffer.Length > limit ? null : result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                if (body is not null)
                {
                    return body;
                }
            }
        }
        catch (IOException broken)
        {
            // The server says by the status what is wrong; a connection that broke says nothing.
            var status = (broken as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest;
            await RegistryResponse.BareAsync(context, status).ConfigureAwait(false);
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
}
