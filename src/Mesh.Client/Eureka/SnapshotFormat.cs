using System.Globalization;
using System.Text.Json;
using Mesh.Client.Discovery;
using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>The format of the snapshot file: a header with servers and time, then an answer of the registry.</summary>
/// <remarks>The list is read by the reader of registry answers, so that a file is subject to the same limits as a registry.</remarks>
internal static class SnapshotFormat
{
    private const string Name = "mesh-client-registry";
    private const int Version = 1;

    /// <summary>Metadata is public among instances, but a file outlives them. Values under keys that contain these words are not
    /// written.</summary>
    private static readonly string[] Secrets =
    [
        "password",
        "passwd",
        "secret",
        "token",
        "credential",
        "apikey",
        "api-key",
        "api_key",
        "private",
    ];

    public static void Write(
        Stream stream, IReadOnlyCollection<EurekaInstance> instances, IEnumerable<string> registries, DateTimeOffset now)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("format", Name);
        json.WriteNumber("version", Version);
        json.WriteString("written", now);
        json.WriteStartArray("registries");
        foreach (var registry in registries)
        {
            json.WriteStringValue(registry);
        }

        json.WriteEndArray();
        json.WriteStartObject("applications");
        json.WriteString("apps__hashcode", EurekaHash.Of(instances));
        json.WriteStartArray("application");
        foreach (var application in instances.GroupBy(static instance => instance.Key.App, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("name", application.Key);
            json.WriteStartArray("instance");
            foreach (var instance in application)
            {
                WriteInstance(json, instance);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <exception cref="JsonException">It is not a snapshot file, or exceeds what a registry may say.</exception>
    public static SnapshotContent Read(ReadOnlyMemory<byte> utf8)
    {
        DateTimeOffset written;
        List<string> registries;
        try
        {
            written = ReadHead(utf8.Span, out registries);
        }
        catch (InvalidOperationException noText)
        {
            throw new JsonException("a text in it is none", noText);
        }

        return new SnapshotContent(written, registries, EurekaReader.Read(utf8));
    }

    private static DateTimeOffset ReadHead(ReadOnlySpan<byte> utf8, out List<string> registries)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = RegistryLimits.Depth });
        string? name = null;
        var version = 0;
        DateTimeOffset written = default;
        registries = [];
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("no object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = reader.GetString();
            reader.Read();
            switch (property)
            {
                case "format" when reader.TokenType == JsonTokenType.String:
                    name = reader.GetString();
                    break;
                case "version" when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number):
                    version = number;
                    break;
                case "written" when reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time):
                    written = time;
                    break;
                case "registries" when reader.TokenType == JsonTokenType.StartArray:
                    while (reader.Read() && reader.TokenType == JsonTokenType.String)
                    {
                        registries.Add(reader.GetString()!);
                    }

                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return name != Name ? throw new JsonException("it is not a file of Mesh.Client")
            : version != Version ? throw new JsonException(
                string.Create(CultureInfo.InvariantCulture, $"it has version {version} of the format, not {Version}"))
            : written;
    }

    private static void WriteInstance(Utf8JsonWriter json, EurekaInstance instance)
    {
        json.WriteStartObject();
        json.WriteString("instanceId", instance.Key.Id);
        json.WriteString("app", instance.Key.App);
        WriteText(json, "hostName", instance.HostName);
        WriteText(json, "ipAddr", instance.IPAddress);
        json.WriteString("status", EurekaStatusNames.NameOf(instance.Status));
        WritePort(json, "port", instance.Port);
        WritePort(json, "securePort", instance.SecurePort);
        WriteText(json, "vipAddress", instance.VipAddress);
        WriteText(json, "secureVipAddress", instance.SecureVipAddress);
        json.WriteString("lastDirtyTimestamp", instance.LastDirty.ToString(CultureInfo.InvariantCulture));
        if (instance.DataCenterZone is { } zone)
        {
            json.WriteStartObject("dataCenterInfo");
            json.WriteStartObject("metadata");
            json.WriteString("availability-zone", zone);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteStartObject("metadata");
        foreach (var (key, value) in instance.Metadata)
        {
            if (!Array.Exists(Secrets, secret => key.Contains(secret, StringComparison.OrdinalIgnoreCase)))
            {
                json.WriteString(key, value);
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WritePort(Utf8JsonWriter json, string name, EurekaPort port)
    {
        json.WriteStartObject(name);
        json.WriteNumber("$", port.Number);
        json.WriteString("@enabled", port.Enabled ? "true" : "false");
        json.WriteEndObject();
    }
}
