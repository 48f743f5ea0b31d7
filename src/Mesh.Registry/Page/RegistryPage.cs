using System.Net.Mime;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry;

/// <summary>Serves the page for people. It needs no script and loads nothing.</summary>
internal sealed class RegistryPage(RegistryStore store, RegistrySettings settings, TimeProvider time)
{
    // Nothing on the page may run or load, even if foreign text should ever get through the encoding.
    private const string ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public const string ScriptName = "registry.js";

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private string? _pattern;

    /// <summary>The page exists once, however many paths the protocol is mapped to; the first one is shown on it.</summary>
    public bool TryClaim(string pattern) => Interlocked.CompareExchange(ref _pattern, pattern, null) is null;

    public Task WriteAsync(HttpContext context)
    {
        var request = context.Request;
        var address = $"{request.Scheme}://{request.Host}{request.PathBase}/{_pattern?.Trim('/')}";
        var html = new RegistryPageWriter(address.TrimEnd('/') + "/", _startedAt, time.GetUtcNow(), settings).Write(store.Snapshot, store.Counters);

        var response = context.Response;
        response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        var bytes = Encoding.UTF8.GetBytes(html);
        response.ContentLength = bytes.Length;
        return response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    public static Task WriteScriptAsync(HttpContext context) => Task.CompletedTask;
}
