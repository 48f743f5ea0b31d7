using System.Text;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Http;

/// <summary>Writes answers. Their content type is set earlier, when the form is known.</summary>
internal static class RegistryResponse
{
    public static Task WriteAsync(HttpContext context, Payload payload)
    {
        var headers = context.Response.Headers;
        headers.Vary = "Accept, Accept-Encoding, X-Eureka-Accept";
        if (!AcceptsGzip(context.Request))
        {
            return WriteBytesAsync(context, payload.Plain);
        }

        headers.ContentEncoding = "gzip";
        return WriteBytesAsync(context, payload.Gzip);
    }

    public static Task WriteBytesAsync(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        var response = context.Response;
        response.ContentLength = bytes.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        return response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    public static Task EmptyAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>Answers before a form was chosen: without a content type.</summary>
    public static Task BareAsync(HttpContext context, int status)
    {
        context.Response.ContentType = null;
        return EmptyAsync(context, status);
    }

    /// <summary>The protocol answers plain text under the name of JSON or XML.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        return WriteBytesAsync(context, Encoding.UTF8.GetBytes(reason));
    }

    private static bool AcceptsGzip(HttpRequest request)
    {
        // Most clients send exactly one header with plain names; the typed list is for the others.
        foreach (var coding in request.GetTypedHeaders().AcceptEncoding)
        {
            if (coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase))
            {
                return coding.Quality is null or > 0;
            }
        }

        return false;
    }
}
