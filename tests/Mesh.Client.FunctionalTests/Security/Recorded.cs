using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>What has arrived at a server: every header of every request.</summary>
internal sealed class Recorded
{
    private readonly ConcurrentQueue<string> _headers = new();

    public IEnumerable<string> Headers => _headers;

    /// <summary>The tokens, without their scheme.</summary>
    public IEnumerable<string> Tokens => _headers
        .Where(header => header.StartsWith("authorization: ", StringComparison.Ordinal))
        .Select(header => header["authorization: ".Length..].Replace("Bearer ", string.Empty, StringComparison.Ordinal));

    /// <summary>What must not have gone there.</summary>
    public IEnumerable<string> Leaks => _headers.Where(header =>
        header.StartsWith("mesh-", StringComparison.Ordinal)
        || header.StartsWith("baggage", StringComparison.Ordinal)
        || header.StartsWith("authorization", StringComparison.Ordinal)
        || header.Contains("eyJ", StringComparison.Ordinal));

    public async Task TakeAsync(HttpContext context)
    {
        foreach (var header in context.Request.Headers)
        {
            foreach (var value in header.Value)
            {
                _headers.Enqueue($"{header.Key.ToLowerInvariant()}: {value}");
            }
        }

        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
    }
}
