using System.Buffers;
using System.Text.Json;
using Mesh.Registry.Http;
using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Replication;

/// <summary>Receives the changes that a peer passes on: many in one request, with an answer for each. None of them is passed on
/// again.</summary>
internal sealed class BatchEndpoint(
    RegistryStore store, RegistrationReader reader, RefusalNotices notices, RegistrySettings settings, TimeProvider time)
{
    public async Task ReplicateAsync(HttpContext context, WireForm form)
    {
        // The protocol has this in JSON only, and peers declare it. A browser sends text/plain for any page without asking first, but never
        // JSON.
        if (!RegistryRequest.MediaType(context.Request).Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            notices.Refused(context, "(batch)", instance: null, "Content-Type", "it must be application/json");
            await RegistryResponse.BareAsync(context, StatusCodes.Status415UnsupportedMediaType).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = WireForm.Json.ContentType();
        if (await RequestBody.ReadAsync(context, settings.MaxBatchBytes).ConfigureAwait(false) is not { } body)
        {
            notices.Unreadable(context);
            return;
        }

        if (Apply(context, body) is { } answer)
        {
            await RegistryResponse.WriteBytesAsync(context, answer).ConfigureAwait(false);
            return;
        }

        await RegistryResponse.RefuseAsync(context, StatusCodes.Status400BadRequest, RegistrationProblems.Unparsable).ConfigureAwait(false);
    }

    private ReadOnlyMemory<byte>? Apply(HttpContext context, byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(WireText.WithoutByteOrderMark(body));
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("replicationList", out var list) || list.ValueKind != JsonValueKind.Array)
            {
                return null;
            }

            var buffer = new ArrayBufferWriter<byte>(1_024);
            using var json = new Utf8JsonWriter(buffer);
            json.WriteStartObject();
            json.WriteStartArray("responseList"u8);
            foreach (var item in list.EnumerateArray())
            {
                Apply(context, item, json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            return buffer.WrittenMemory;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private void Apply(HttpContext context, JsonElement item, Utf8JsonWriter json)
    {
        var fields = new JsonFieldReader(settings);
        string? Text(string name) => item.TryGetProperty(name, out var value) ? fields.Name(name, value) : null;

        var key = new InstanceKey((Text("appName") ?? "").ToUpperInvariant(), Text("id") ?? "");
        var status = InstanceStatusNames.Parse(Text("status"));
        long? lastDirty = item.TryGetProperty("lastDirtyTimestamp", out var dirty) && dirty.ValueKind != JsonValueKind.Null
            ? fields.Long("lastDirtyTimestamp", dirty, 0)
            : null;
        RegisteredInstance? newer = null;
        var code = fields.Problem is not null ? StatusCodes.Status400BadRequest : Text("action") switch
        {
            nameof(ReplicationAction.Register) => Register(context, item, key),
            nameof(ReplicationAction.Heartbeat) => Heartbeat(
                key, lastDirty, InstanceStatusNames.Parse(Text("overriddenStatus")), out newer),
            nameof(ReplicationAction.StatusUpdate) => status is { } set
                ? Known(store.SetStatus(key, set, lastDirty))
                : StatusCodes.Status500InternalServerError,
            nameof(ReplicationAction.DeleteStatusOverride) => Known(store.ClearStatus(key, status ?? InstanceStatus.Unknown, lastDirty)),
            nameof(ReplicationAction.Cancel) => Known(store.Cancel(key)),
            _ => StatusCodes.Status400BadRequest,
        };

        json.WriteStartObject();
        json.WriteNumber("statusCode"u8, code);
        if (newer is not null)
        {
            json.WriteStartObject("responseEntity"u8);
            InstanceWriter.Write(new JsonWireWriter(json), newer, time.GetUtcNow());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private int Register(HttpContext context, JsonElement item, InstanceKey key)
    {
        if (!item.TryGetProperty("instanceInfo", out var body) || body.ValueKind != JsonValueKind.Object)
        {
            return StatusCodes.Status400BadRequest;
        }

        var reading = reader.Read(body, key.App);
        if (!reading.IsValid)
        {
            notices.Refused(context, key.App, reading);
            return StatusCodes.Status400BadRequest;
        }

        return store.Register(reading.Instance, fromPeer: true) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
    }

    private int Heartbeat(InstanceKey key, long? lastDirty, InstanceStatus? overridden, out RegisteredInstance? newer)
    {
        var result = store.Heartbeat(key, lastDirty, fromPeer: true, overridden, out newer);
        if (result != HeartbeatResult.PeerIsOlder)
        {
            newer = null;
        }

        return result switch
        {
            HeartbeatResult.Renewed => StatusCodes.Status200OK,
            HeartbeatResult.PeerIsOlder => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status404NotFound,
        };
    }

    private static int Known(bool known) => known ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
}
