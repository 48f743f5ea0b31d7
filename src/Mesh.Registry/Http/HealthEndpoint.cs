using System.Buffers;
using System.Text.Json;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Http;

/// <summary>Whether this registry can be used: 200, or 503 while it refuses listings after a start. It reports numbers, no names.</summary>
internal sealed class HealthEndpoint(RegistryStore store, LeaseWatch leases, Replicator replicator, WarmUp warmUp)
{
    public Task WriteAsync(HttpContext context)
    {
        var snapshot = store.Snapshot;
        var (health, expired) = leases.Current;
        var isUp = warmUp.IsOver;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status"u8, isUp ? "UP"u8 : "STARTING"u8);
            json.WriteNumber("services"u8, snapshot.Apps.Count);
            json.WriteNumber("instances"u8, snapshot.Count);
            json.WriteNumber("expired"u8, expired);
            json.WriteBoolean("selfPreservation"u8, health.Protected);
            json.WriteNumber("peers"u8, replicator.Peers.Length);
            json.WriteNumber("peersReachable"u8, replicator.Peers.Count(static peer => peer.IsReachable));
            json.WriteEndObject();
        }

        var response = context.Response;
        response.StatusCode = isUp ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.ContentType = WireForm.Json.ContentType();
        response.Headers.CacheControl = "no-store";
        return RegistryResponse.WriteBytesAsync(context, buffer.WrittenMemory);
    }
}
