using Mesh.Registry.Instances;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Http;

/// <summary>Changes of a client's own registration: heartbeat, status, metadata, deregistration.</summary>
internal sealed class InstanceEndpoints(RegistryStore store, ListingCache cache, Replicator replicator, RegistrySettings settings)
{
    public Task HeartbeatAsync(HttpContext context, WireForm form)
    {
        var key = RegistryRequest.Key(context);
        var fromPeer = RegistryRequest.IsFromPeer(context.Request);
        if (!RegistryRequest.TryGetLastDirty(context.Request, out var lastDirty))
        {
            // As on a real server, an unknown instance is reported first: 404 makes a client register again, 400 does not.
            return store.Snapshot.Find(key) is null or { Status: InstanceStatus.Unknown }
                ? Answer(context, known: false)
                : RegistryResponse.EmptyAsync(context, StatusCodes.Status400BadRequest);
        }

        var overridden = fromPeer ? InstanceStatusNames.Parse(RegistryRequest.Query(context.Request, "overriddenstatus")) : null;
        switch (store.Heartbeat(key, lastDirty, fromPeer, overridden, out var current))
        {
            case HeartbeatResult.Renewed:
                if (!fromPeer)
                {
                    replicator.Renewed(key);
                }

                return Answer(context, known: true);
            case HeartbeatResult.PeerIsOlder:
                context.Response.StatusCode = StatusCodes.Status409Conflict;
                return RegistryResponse.WriteBytesAsync(context, cache.Instance(form, current!));
            default:
                return Answer(context, known: false);
        }
    }

    public Task CancelAsync(HttpContext context, WireForm form)
    {
        var key = RegistryRequest.Key(context);
        var known = store.Cancel(key);
        if (known && !RegistryRequest.IsFromPeer(context.Request))
        {
            replicator.Cancelled(key);
        }

        return Answer(context, known);
    }

    public Task SetStatusAsync(HttpContext context, WireForm form)
    {
        var key = RegistryRequest.Key(context);
        if (store.Snapshot.Find(key) is null)
        {
            return Answer(context, known: false);
        }

        if (InstanceStatusNames.Parse(RegistryRequest.Query(context.Request, "value")) is not { } status
            || !RegistryRequest.TryGetLastDirty(context.Request, out var lastDirty))
        {
            return BadStatus(context);
        }

        var known = store.SetStatus(key, status, lastDirty);
        if (known && !RegistryRequest.IsFromPeer(context.Request))
        {
            replicator.StatusSet(key, status);
        }

        return Answer(context, known);
    }

    public Task ClearStatusAsync(HttpContext context, WireForm form)
    {
        var key = RegistryRequest.Key(context);
        if (store.Snapshot.Find(key) is null)
        {
            return Answer(context, known: false);
        }

        // Without a value the status becomes unknown: the next heartbeat then gets 404, and the client registers with its own status.
        var value = RegistryRequest.Query(context.Request, "value");
        var status = value.Length == 0 ? InstanceStatus.Unknown : InstanceStatusNames.Parse(value);
        if (status is not { } next || !RegistryRequest.TryGetLastDirty(context.Request, out var lastDirty))
        {
            return BadStatus(context);
        }

        var known = store.ClearStatus(key, next, lastDirty);
        if (known && !RegistryRequest.IsFromPeer(context.Request))
        {
            replicator.StatusCleared(key, next);
        }

        return Answer(context, known);
    }

    /// <summary>Adds the entries of the query to the metadata.</summary>
    public Task SetMetadataAsync(HttpContext context, WireForm form)
    {
        var key = RegistryRequest.Key(context);
        var entries = context.Request.Query
            .Select(entry => KeyValuePair.Create(entry.Key, RegistryRequest.Query(context.Request, entry.Key)))
            .ToArray();
        if (store.Snapshot.Find(key) is null)
        {
            return Answer(context, known: false);
        }

        if (Array.Exists(entries, static entry => !WireText.IsClean(entry.Key) || !WireText.IsClean(entry.Value)))
        {
            return RegistryResponse.RefuseAsync(context, StatusCodes.Status400BadRequest, RegistrationProblems.NotClean("metadata"));
        }

        switch (store.SetMetadata(key, entries))
        {
            case null:
                return Answer(context, known: false);
            case false:
                return RegistryResponse.RefuseAsync(
                    context, StatusCodes.Status400BadRequest, RegistrationProblems.TooMuchMetadata(settings.MaxMetadataBytes));
        }

        if (!RegistryRequest.IsFromPeer(context.Request))
        {
            replicator.Registered(key);
        }

        return Answer(context, known: true);
    }

    // 400 would be right. The protocol's servers answer 500, and tools recognize a wrong value by it.
    private static Task BadStatus(HttpContext context) => RegistryResponse.EmptyAsync(context, StatusCodes.Status500InternalServerError);

    private static Task Answer(HttpContext context, bool known) =>
        RegistryResponse.EmptyAsync(context, known ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
}
