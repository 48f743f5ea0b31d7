using System.Globalization;
using System.Text.Json;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

internal sealed class JsonWireWriter(Utf8JsonWriter json) : IWireWriter
{
    private static readonly JsonEncodedText ClassName = JsonEncodedText.Encode("@class");
    private static readonly JsonEncodedText PortNumber = JsonEncodedText.Encode("$");
    private static readonly JsonEncodedText PortEnabled = JsonEncodedText.Encode("@enabled");

    public void Begin(WireName name) => json.WriteStartObject(name.Json);

    public void End() => json.WriteEndObject();

    public void BeginList(WireName items) => json.WriteStartArray(items.Json);

    public void BeginItem(WireName name) => json.WriteStartObject();

    public void EndList() => json.WriteEndArray();

    public void Text(WireName name, string value) => json.WriteString(name.Json, value);

    public void Number(WireName name, long value) => json.WriteNumber(name.Json, value);

    public void Digits(WireName name, long value)
    {
        Span<char> digits = stackalloc char[20];
        value.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        json.WriteString(name.Json, digits[..length]);
    }

    public void Port(WireName name, PortBinding port)
    {
        json.WriteStartObject(name.Json);
        json.WriteNumber(PortNumber, port.Number);
        json.WriteString(PortEnabled, port.Enabled ? "true"u8 : "false"u8);
        json.WriteEndObject();
    }

    public void Class(string name) => json.WriteString(ClassName, name);

    public void Entry(string key, string value) => json.WriteString(key, value);
}
