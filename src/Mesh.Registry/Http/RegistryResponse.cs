using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Mesh.Registry;

/// <summary>Writes answers.</summary>
internal static class RegistryResponse
{
    private const string Json = "application/json";

    public static Task WriteAsync(HttpContext context, Payload payload)
    {
        var headers = context.Response.Headers;
        headers.Vary = HeaderNames.AcceptEncoding;
        if (!AcceptsGzip(context.Request))
        {
            return WriteJsonAsync(context, payload.Plain);
        }

        headers.ContentEncoding = "gzip";
        return WriteJsonAsync(context, payload.Gzip);
    }

    public static Task WriteJsonAsync(HttpContext context, byte[] json)
    {
        var response = context.Response;
        response.ContentType = Json;
        response.ContentLength = json.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        return response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    public static Task EmptyAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>The protocol answers plain text under the name of JSON.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        return WriteJsonAsync(context, Encoding.UTF8.GetBytes(reason));
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
