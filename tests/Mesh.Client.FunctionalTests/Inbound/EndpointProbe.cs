using System.Collections.Concurrent;
using Mesh.Client.Inbound;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Mesh.Client.FunctionalTests.Inbound;

/// <summary>A step at the matched endpoint that writes down what it sees.</summary>
internal sealed class EndpointProbe : IEndpointStep
{
    private readonly ConcurrentQueue<string> _seen = [];

    /// <summary>Endpoint and user of each run.</summary>
    public IEnumerable<string> Seen => _seen;

    public static string Describe(HttpContext context, Endpoint? endpoint)
    {
        var name = endpoint is RouteEndpoint route ? route.RoutePattern.RawText : endpoint?.DisplayName ?? "no endpoint";
        return $"{name} {context.User.Identity?.Name ?? "nobody"}";
    }

    public ValueTask<bool> RunAsync(HttpContext context, Endpoint endpoint)
    {
        // What the application's middleware reads is what was mapped.
        Assert.Same(endpoint.Metadata, context.GetEndpoint()!.Metadata);
        _seen.Enqueue(Describe(context, endpoint));
        return new(true);
    }
}
