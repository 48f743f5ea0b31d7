using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Reads a registry's list of applications in every JSON form that servers in use send.</summary>
/// <remarks>
/// Current servers write arrays, numbers for ports and strings for flags; old ones (XStream codec) write a lone object where a list has one
/// member, strings for ports and booleans for flags. The shape of the whole must be right, or the answer is no answer; a single odd field
/// only makes its instance unusable.
/// </remarks>
internal static class EurekaReader
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <exception cref="JsonException">The text is no JSON, or not a list of applications.</exception>
    public static EurekaApplications Read(ReadOnlyMemory<byte> utf8) => Read(utf8, ReadList);

    /// <summary>The answer about one application.</summary>
    /// <exception cref="JsonException">The text is no JSON, or not an application.</exception>
    public static EurekaApplications ReadApplication(ReadOnlyMemory<byte> utf8) => Read(utf8, ReadApplication);

    /// <summary>The answer about one instance.</summary>
    /// <exception cref="JsonException">The text is no JSON, or not an instance.</exception>
    public static EurekaInstance ReadInstance(ReadOnlyMemory<byte> utf8) => Read(utf8, static root => ReadInstance(Required(root, "instance"), application: null));

    private static T Read<T>(ReadOnlyMemory<byte> utf8, Func<JsonElement, T> read)
    {
        // Not part of JSON, but what some gateways put before it.
        var text = utf8.Span.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8;
        try
        {
            CheckSize(text.Span);
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = RegistryLimits.Depth, AllowDuplicateProperties = false });
            return read(document.RootElement);
        }
        catch (InvalidOperationException noText)
        {
            // Bytes that are no UTF-8, and half pairs of characters, show only when a text is looked at. Registries let none in.
            throw new JsonException("a text in it is none", noText);
        }
    }

    private static EurekaApplications ReadList(JsonElement root)
    {
        var applications = Required(root, "applications");
        var hash = Text(applications, "apps__hashcode");
        var listed = applications.TryGetProperty("application", out var list);
        if (!listed && hash is null)
        {
            // An error object of a gateway must not pass for an empty registry.
            throw new JsonException("neither 'application' nor 'apps__hashcode'");
        }

        var instances = new List<EurekaInstance>();
        if (listed)
        {
            var count = 0;
            foreach (var application in Members(list, "application"))
            {
                if (++count > RegistryLimits.Applications)
                {
                    throw new JsonException($"more than {RegistryLimits.Applications} applications");
                }

                var name = Text(application, "name");
                if (application.TryGetProperty("instance", out var members))
                {
                    foreach (var instance in Members(members, "instance"))
                    {
                        if (instances.Count == RegistryLimits.Instances)
                        {
                            throw new JsonException($"more than {RegistryLimits.Instances} instances");
                        }

                        instances.Add(ReadInstance(instance, name));
                    }
                }
            }
        }

        return new EurekaApplications(hash, instances);
    }

    private static EurekaApplications ReadApplication(JsonElement root)
    {
        var application = Required(root, "application");
        var name = Text(application, "name");
        // A real application has at least one instance: with none the registry does not list it.
        return new EurekaApplications(Hash: null, application.TryGetProperty("instance", out var members)
            ? [.. Members(members, "instance").Take(RegistryLimits.Instances).Select(instance => ReadInstance(instance, name))]
            : throw new JsonException("no 'instance'"));
    }

    private static JsonElement Required(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value
            : throw new JsonException($"no object '{name}'");

    /// <summary>Before the document is built, which takes a dozen bytes for each token: a long row of brackets would become many times its size.</summary>
    private static void CheckSize(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = RegistryLimits.Depth });
        var tokens = 0;
        while (reader.Read())
        {
            if (++tokens > RegistryLimits.Tokens)
            {
                throw new JsonException($"more than {RegistryLimits.Tokens} values");
            }
        }
    }

    private static EurekaInstance ReadInstance(JsonElement instance, string? application)
    {
        var hostName = Text(instance, "hostName");
        return new EurekaInstance
        {
            // A server identifies an instance without an id by its host name.
            Key = new InstanceKey(
                (Text(instance, "app") ?? application ?? string.Empty).ToUpperInvariant(),
                Text(instance, "instanceId") ?? hostName ?? string.Empty),
            HostName = hostName,
            IPAddress = Text(instance, "ipAddr"),
            Status = EurekaStatusNames.Parse(Text(instance, "status")),
            // Current servers write the first name, old ones and every registration the second.
            OverriddenStatus = EurekaStatusNames.Parse(Text(instance, "overriddenStatus") ?? Text(instance, "overriddenstatus")),
            LastDirty = long.TryParse(Text(instance, "lastDirtyTimestamp"), NumberStyles.None, CultureInfo.InvariantCulture, out var dirty) ? dirty : 0,
            Deleted = Text(instance, "actionType") == "DELETED",
            Port = ReadPort(instance, "port", enabledByDefault: true),
            SecurePort = ReadPort(instance, "securePort", enabledByDefault: false),
            VipAddress = Text(instance, "vipAddress"),
            SecureVipAddress = Text(instance, "secureVipAddress"),
            DataCenterZone = instance.TryGetProperty("dataCenterInfo", out var center) && center.ValueKind == JsonValueKind.Object
                && center.TryGetProperty("metadata", out var facts) && facts.ValueKind == JsonValueKind.Object
                    ? Text(facts, "availability-zone")
                    : null,
            Metadata = ReadMetadata(instance),
        };
    }

    private static EurekaPort ReadPort(JsonElement instance, string name, bool enabledByDefault)
    {
        if (!instance.TryGetProperty(name, out var port))
        {
            return new EurekaPort(0, false);
        }

        return port.ValueKind == JsonValueKind.Object
            ? new EurekaPort(Number(Text(port, "$")), Text(port, "@enabled") is { } enabled ? enabled == "true" : enabledByDefault)
            : new EurekaPort(Number(Scalar(port)), enabledByDefault);
    }

    private static FrozenDictionary<string, string> ReadMetadata(JsonElement instance)
    {
        if (!instance.TryGetProperty("metadata", out var metadata) || metadata.ValueKind != JsonValueKind.Object)
        {
            return FrozenDictionary<string, string>.Empty;
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in metadata.EnumerateObject())
        {
            if (labels.Count == RegistryLimits.Labels)
            {
                break;
            }

            // "@class" is the codec's, not the application's. An odd entry is left out by itself: whoever may register one instance must not
            // be able to keep all others from being read.
            if (!entry.NameEquals("@class") && Scalar(entry.Value) is { } value && IsLabel(entry.Name, value))
            {
                labels[entry.Name] = value;
            }
        }

        return labels.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // Control characters have no business in a value that may be compared with headers.
    private static bool IsLabel(string key, string value) =>
        key.Length is > 0 and <= RegistryLimits.LabelKeyLength && value.Length <= RegistryLimits.LabelValueLength
        && !Printable.HasControl(value) && !Printable.HasControl(key);

    private static IEnumerable<JsonElement> Members(JsonElement element, string name)
    {
        IEnumerable<JsonElement> members = element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray(),
            JsonValueKind.Object => [element],
            JsonValueKind.Null => [],
            // How the old codec may write an empty list.
            JsonValueKind.String when element.ValueEquals(string.Empty) => [],
            _ => throw new JsonException($"'{name}' is neither a list nor an object"),
        };

        foreach (var member in members)
        {
            yield return member.ValueKind == JsonValueKind.Object
                ? member
                : throw new JsonException($"'{name}' holds something that is no object");
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? Scalar(value) : null;

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private static int Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
