using System.Text.Json;

namespace Mesh.Registry.Wire;

/// <summary>The name of a field in both languages, encoded once.</summary>
internal sealed class WireName(string xml, string? json = null)
{
    public string Xml { get; } = xml;

    public JsonEncodedText Json { get; } = JsonEncodedText.Encode(json ?? xml);
}
