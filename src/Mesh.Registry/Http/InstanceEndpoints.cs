using Microsoft.AspNetCore.Http;

namespace Mesh.Registry;

/// <summary>What a client does with its own registration after it was taken: heartbeat, status, goodbye.</summary>
internal sealed class InstanceEndpoints(RegistryStore store)
{
    public Task HeartbeatAsync(HttpContext context)
    {
        var key = RegistryRequest.Key(context);
        if (RegistryRequest.TryGetLastDirty(context.Request, out var lastDirty))
        {
            return Answer(context, store.Heartbeat(key, lastDirty));
        }

        // Whether the instance is known comes first, as on a real server: 404 makes a client register again, 400 does not.
        return store.Snapshot.Find(key) is null or { Status: InstanceStatus.Unknown }
            ? Answer(context, known: false)
            : RegistryResponse.EmptyAsync(context, StatusCodes.Status400BadRequest);
    }

    public Task CancelAsync(HttpContext context) => Answer(context, store.Cancel(RegistryRequest.Key(context)));

    public Task SetStatusAsync(HttpContext context)
    {
        var key = RegistryRequest.Key(context);
        if (store.Snapshot.Find(key) is null)
        {
            return Answer(context, known: false);
        }

        return InstanceStatusNames.Parse(context.Request.Query["value"]) is { } status && RegistryRequest.TryGetLastDirty(context.Request, out var lastDirty)
            ? Answer(context, store.SetStatus(key, status, lastDirty))
            : BadStatus(context);
    }

    public Task ClearStatusAsync(HttpContext context)
    {
        var key = RegistryRequest.Key(context);
        if (store.Snapshot.Find(key) is null)
        {
            return Answer(context, known: false);
        }

        // Without a value the state becomes unknown: the next heartbeat then gets 404 and the client registers with its own state.
        var value = context.Request.Query["value"].ToString();
        var status = value.Length == 0 ? InstanceStatus.Unknown : InstanceStatusNames.Parse(value);
        return status is { } next && RegistryRequest.TryGetLastDirty(context.Request, out var lastDirty)
            ? Answer(context, store.ClearStatus(key, next, lastDirty))
            : BadStatus(context);
    }

    // 400 would be right. The protocol's servers answer 500, and tools tell a wrong value by it.
    private static Task BadStatus(HttpContext context) => RegistryResponse.EmptyAsync(context, StatusCodes.Status500InternalServerError);

    private static Task Answer(HttpContext context, bool known) =>
        RegistryResponse.EmptyAsync(context, known ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
}
