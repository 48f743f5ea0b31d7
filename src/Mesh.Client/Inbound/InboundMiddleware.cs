using Mesh.Client.Lifecycle;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>The server half's way of a request, outermost in the application. <see cref="InvokeAsync"/> is its order, all of it.</summary>
internal sealed class InboundMiddleware(RequestDelegate next, DrainState drain)
{
    public Task InvokeAsync(HttpContext context)
    {
        // 1 draining: before anything that may refuse the request, so that a refused caller also learns that it should go elsewhere.
        if (drain.IsDraining)
        {
            AnnounceDraining(context);
        }

        return next(context);
    }

    private static void AnnounceDraining(HttpContext context)
    {
        // HTTP/1.1: "Connection: close" on this answer; HTTP/2: GOAWAY. Otherwise a kept connection brings requests to the very end.
        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();

        if (context.Request.Headers.ContainsKey(InboundHeaders.Caller))
        {
            // Set when the answer starts, because error handlers clear the headers set before.
            context.Response.OnStarting(
                static state =>
                {
                    ((HttpResponse)state).Headers[InboundHeaders.Draining] = "1";
                    return Task.CompletedTask;
                },
                context.Response);
        }
    }
}
