using System.Buffers;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>
/// Turns the XML of a registration into its JSON, so that one reader has the rules of both; only XML's own rules are here. No document
/// type, no external entities, and no more depth than the protocol has.
/// </summary>
internal sealed class RegistrationXml(RegistrySettings settings)
{
    // instance / metadata / entry, and room for elements that are skipped.
    private const int MaxDepth = 8;
    private const string Root = "instance";

    /// <summary>Reads the document.</summary>
    /// <returns>The JSON, or null when it is not XML that is accepted here.</returns>
    public ReadOnlyMemory<byte>? ToJson(byte[] xml)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + xml.Length);
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(xml), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = settings.MaxBodyBytes,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
            });

            // Read to its end: text after the root is an error.
            var root = XDocument.Load(reader).Root!;
            using var json = new Utf8JsonWriter(buffer);
            json.WriteStartObject();
            Write(json, root, parent: "", depth: 1);
            json.WriteEndObject();
        }
        catch (XmlException)
        {
            return null;
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, XElement element, string parent, int depth)
    {
        var name = XmlNames.Decode(element.Name.LocalName);
        if (depth > MaxDepth || !WireText.IsClean(name))
        {
            throw new XmlException($"The document is deeper than {MaxDepth} elements, or has a name that is no text.");
        }

        json.WritePropertyName(name);
        switch (parent == Root ? name : "")
        {
            case "port":
                WritePort(json, element, PortBinding.DefaultPlain);
                break;
            case "securePort":
                WritePort(json, element, PortBinding.DefaultSecure);
                break;
            case "dataCenterInfo":
                WriteDataCenter(json, element, depth);
                break;
            case "status" or "overriddenstatus" or "overriddenStatus":
                // In this form, unlike in JSON, a real server reads "up" as UP.
                json.WriteStringValue(element.Value.ToUpperInvariant());
                break;
            case "metadata" or "leaseInfo":
                WriteParts(json, element, name, depth);
                break;
            default:
                WriteOther(json, element, name, depth);
                break;
        }
    }

    private static void WriteOther(Utf8JsonWriter json, XElement element, string name, int depth)
    {
        // An unknown field may have parts of its own.
        if (element.HasElements || (depth == 1 && name == Root))
        {
            WriteParts(json, element, name, depth);
        }
        else
        {
            json.WriteStringValue(element.Value);
        }
    }

    private static void WriteParts(Utf8JsonWriter json, XElement element, string name, int depth)
    {
        json.WriteStartObject();
        foreach (var part in element.Elements())
        {
            Write(json, part, name, depth + 1);
        }

        json.WriteEndObject();
    }

    private static void WritePort(Utf8JsonWriter json, XElement element, PortBinding byDefault)
    {
        // Only the word for the opposite changes the default of an absent attribute.
        var contrary = byDefault.Enabled ? "false" : "true";
        var isContrary = string.Equals(element.Attribute("enabled")?.Value.Trim(), contrary, StringComparison.OrdinalIgnoreCase);
        json.WriteStartObject();
        json.WriteString("$", element.Value.Trim());
        json.WriteBoolean("@enabled", byDefault.Enabled != isContrary);
        json.WriteEndObject();
    }

    /// <summary>JSON must have a class; here a real server ignores it and uses the name. Only Amazon's cloud has metadata.</summary>
    private static void WriteDataCenter(Utf8JsonWriter json, XElement element, int depth)
    {
        if (Part(element, "name") is not { } nameElement)
        {
            json.WriteNullValue();
            return;
        }

        var name = nameElement.Value.Trim();
        var isAmazon = name.Equals(DataCenter.AmazonName, StringComparison.OrdinalIgnoreCase);
        json.WriteStartObject();
        json.WriteString("@class", isAmazon ? DataCenter.AmazonClass : DataCenter.OwnClass);
        json.WriteString("name", isAmazon ? DataCenter.AmazonName : name);
        if (isAmazon)
        {
            json.WritePropertyName("metadata");
            WriteParts(json, Part(element, "metadata") ?? new XElement("metadata"), "metadata", depth + 1);
        }

        json.WriteEndObject();
    }

    private static XElement? Part(XElement element, string name) => element.Elements().LastOrDefault(part => part.Name.LocalName == name);
}
