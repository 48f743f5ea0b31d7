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
    private static readonly Func<object, Task> SayLeaving = Say("1");
    private static readonly Func<object, Task> SayStarting = Say(MeshHeaders.DrainingStarting);

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
            SendElsewhere(response, call, SayLeaving);
        }
        else if (drain.IsWarmingUp)
        {
            SendElsewhere(response, call, SayStarting);
        }
    }

    private static void SendElsewhere(IHttpResponseFeature response, CallContext call, Func<object, Task> say)
    {
        if (call.Caller is not null)
        {
            // Set when the answer starts, because error handlers clear the headers set before.
            response.OnStarting(say, response);
        }
    }

    private static Func<object, Task> Say(string value) => state =>
    {
        ((IHttpResponseFeature)state).Headers[MeshHeaders.Draining] = value;
        return Task.CompletedTask;
    };
}
