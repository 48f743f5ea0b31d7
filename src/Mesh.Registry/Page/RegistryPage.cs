using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using Mesh.Registry.Http;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Page;

/// <summary>Serves the page for people. It loads nothing else.</summary>
internal sealed class RegistryPage(RegistryStore store, Replicator replicator, WarmUp warmUp, RegistrySettings settings, TimeProvider time)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private string? _pattern;

    /// <summary>There is one page, however many paths the protocol is mapped to; it shows the first one.</summary>
    public bool TryClaim(string pattern) => Interlocked.CompareExchange(ref _pattern, pattern, null) is null;

    public Task WriteAsync(HttpContext context)
    {
        var request = context.Request;
        var address = $"{request.Scheme}://{request.Host}{request.PathBase}/{_pattern?.Trim('/')}".TrimEnd('/') + "/";
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

        var selection = PageSelection.Of(request.Query);
        var writer = new RegistryPageWriter(address, _startedAt, time.GetUtcNow(), settings, nonce);
        var html = writer.Write(store.Report(), replicator, warmUp, selection);

        var response = context.Response;
        response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";

        // Only scripts and styles with this answer's nonce may run, even if foreign text should ever bypass the encoding.
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; base-uri "
            + "'none'; form-action 'none'; frame-ancestors 'none'";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        return RegistryResponse.WriteAsync(context, new Payload(Encoding.UTF8.GetBytes(html)));
    }
}
