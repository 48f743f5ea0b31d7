using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry;

/// <summary>Reads bodies of bounded size, whether their length was announced or they come in chunks.</summary>
internal static class RequestBody
{
    /// <summary>Reads at most one byte more than is allowed: enough to know that it is too much.</summary>
    /// <returns>The body, or null when it is too large.</returns>
    public static async Task<byte[]?> ReadAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
        {
            return null;
        }

        var reader = context.Request.BodyReader;
        var result = await reader.ReadAtLeastAsync(limit + 1, context.RequestAborted).ConfigureAwait(false);
        var body = result.Buffer.Length > limit ? null : result.Buffer.ToArray();
        reader.AdvanceTo(result.Buffer.End);
        return body;
    }
}
