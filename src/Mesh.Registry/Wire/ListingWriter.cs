using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mesh.Registry;

/// <summary>Writes the documents of the protocol: all applications, one application, one instance.</summary>
internal sealed class ListingWriter(TimeProvider time)
{
    public byte[] WriteApplications(IEnumerable<RegisteredInstance> instances, string version, string hash) => Write(instances, (version, hash), WriteApplications);

    public byte[] WriteApplication(IEnumerable<RegisteredInstance> instances) => Write(instances, 0, static (json, listed, _, now) =>
    {
        json.WritePropertyName("application"u8);
        foreach (var app in listed.GroupBy(static instance => instance.App))
        {
            WriteApplication(json, app.Key, app, now);
        }
    });

    public byte[] WriteInstance(RegisteredInstance instance) => Write(instance, 0, static (json, shown, _, now) =>
    {
        json.WritePropertyName("instance"u8);
        InstanceWriter.Write(json, shown, now);
    });

    /// <summary>
    /// How many instances are in which state, in the order of the states' names. Clients compute the same over what they hold;
    /// where it differs, they fetch everything again.
    /// </summary>
    public static string Hash(IEnumerable<RegisteredInstance> instances)
    {
        Span<int> counts = stackalloc int[InstanceStatusNames.Sorted.Length];
        foreach (var instance in instances)
        {
            counts[(int)instance.Status]++;
        }

        var hash = new StringBuilder();
        foreach (var status in InstanceStatusNames.Sorted)
        {
            if (counts[(int)status] is > 0 and var count)
            {
                hash.Append(status.ToWire()).Append('_').Append(count).Append('_');
            }
        }

        return hash.ToString();
    }

    private static void WriteApplications(Utf8JsonWriter json, IEnumerable<RegisteredInstance> instances, (string Version, string Hash) head, DateTimeOffset now)
    {
        json.WriteStartObject("applications"u8);
        json.WriteString("versions__delta"u8, head.Version);
        json.WriteString("apps__hashcode"u8, head.Hash);
        json.WriteStartArray("application"u8);
        foreach (var app in instances.GroupBy(static instance => instance.App))
        {
            WriteApplication(json, app.Key, app, now);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteApplication(Utf8JsonWriter json, string name, IEnumerable<RegisteredInstance> instances, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteStartArray("instance"u8);
        foreach (var instance in instances)
        {
            InstanceWriter.Write(json, instance, now);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private byte[] Write<TContent, TState>(TContent content, TState state, Action<Utf8JsonWriter, TContent, TState, DateTimeOffset> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json, content, state, time.GetUtcNow());
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
