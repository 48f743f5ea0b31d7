using Mesh.Client.Context;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>Tells callers that this server is leaving, or not ready yet.</summary>
internal sealed class DrainNotice(DrainState drain)
{
    public void Give(HttpContext context, IHttpResponseFeature response, CallContext call)
    {
        if (call.Caller is not null)
        {
            drain.NoteCaller();
        }

        if (drain.IsDraining)
        {
            // HTTP/1.1: "Connection: close" on this answer; HTTP/2: GOAWAY. Otherwise a
            // kept connection brings requests to the very end.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            SendElsewhere(response, call);
        }
        else if (drain.IsWarmingUp)
        {
            SendElsewhere(response, call);
        }
    }

    private static void SendElsewhere(IHttpResponseFeature response, CallContext call)
    {
        if (call.Caller is not null)
        {
            // Set when the answer starts, because error handlers clear the headers set before.
            response.OnStarting(
                static state =>
                {
                    ((IHttpResponseFeature)state).Headers[MeshHeaders.Draining] = "1";
                    return Task.CompletedTask;
                },
                response);
        }
    }
}
