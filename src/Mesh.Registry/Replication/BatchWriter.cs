using System.Buffers;
using System.Text.Json;
using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;

namespace Mesh.Registry.Replication;

/// <summary>Writes changes for a peer, in the form of <c>peerreplication/batch</c>.</summary>
internal static class BatchWriter
{
    /// <summary>Writes as many of the changes as a peer accepts in one request, and at least one.</summary>
    /// <param name="changes">The changes, the oldest first.</param>
    /// <param name="mostBytes">The largest request that a peer accepts.</param>
    /// <param name="snapshot">The present state of the instances.</param>
    /// <param name="now">The time.</param>
    /// <returns>The body, its lines, and how many changes they cover. Instances that have expired in the meantime are not mentioned: peers
    /// see their own leases expire.</returns>
    public static (ReadOnlyMemory<byte> Body, List<ReplicationItem> Items, int Count) Write(
        ReadOnlySpan<KeyValuePair<InstanceKey, PendingChange>> changes, int mostBytes, RegistrySnapshot snapshot, DateTimeOffset now)
    {
        // Nearly always all of them fit.
        while (true)
        {
            var (body, items) = Write(changes, snapshot, now);
            if (body.Length <= mostBytes || changes.Length <= 1)
            {
                return (body, items, changes.Length);
            }

            changes = changes[..((changes.Length + 1) / 2)];
        }
    }

    private static (ReadOnlyMemory<byte> Body, List<ReplicationItem> Items) Write(
        ReadOnlySpan<KeyValuePair<InstanceKey, PendingChange>> changes, RegistrySnapshot snapshot, DateTimeOffset now)
    {
        List<ReplicationItem> items = new(changes.Length);
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("replicationList"u8);
        foreach (var (key, change) in changes)
        {
            var instance = snapshot.Find(key);
            if (change.Before is { } before && instance is not null)
            {
                Write(json, key, before.Action, instance, before.Status, now);
                items.Add(new ReplicationItem(key, before.Action));
            }

            if (change.Existence is { } existence && (instance is not null || existence == ReplicationAction.Cancel))
            {
                Write(json, key, existence, instance, instance?.Status, now);
                items.Add(new ReplicationItem(key, existence));
            }

            if (change.StatusAction is { } action && instance is not null)
            {
                Write(json, key, action, instance, change.Status, now);
                items.Add(new ReplicationItem(key, action));
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return (buffer.WrittenMemory, items);
    }

    private static void Write(
        Utf8JsonWriter json,
        InstanceKey key,
        ReplicationAction action,
        RegisteredInstance? instance,
        InstanceStatus? status,
        DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("appName"u8, key.App);
        json.WriteString("id"u8, key.Id);
        if (instance is not null && action != ReplicationAction.Cancel)
        {
            json.WriteNumber("lastDirtyTimestamp"u8, instance.LastDirtyAt);
            json.WriteString("overriddenStatus"u8, (instance.Override ?? InstanceStatus.Unknown).ToWire());
            json.WriteString("status"u8, (status ?? InstanceStatus.Unknown).ToWire());
            if (action == ReplicationAction.Register)
            {
                json.WriteStartObject("instanceInfo"u8);
                InstanceWriter.Write(new JsonWireWriter(json), instance, now);
                json.WriteEndObject();
            }
        }

        json.WriteString("action"u8, action.ToString());
        json.WriteEndObject();
    }
}
