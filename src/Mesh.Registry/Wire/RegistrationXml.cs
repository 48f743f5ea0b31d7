using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Xml;

namespace Mesh.Registry;

/// <summary>
/// Turns the XML of a registration into its JSON, so that one reader holds the rules of both. No document type, no entity from outside, and no more
/// depth than the protocol has.
/// </summary>
internal sealed class RegistrationXml(RegistrySettings settings)
{
    // instance / dataCenterInfo / metadata / entry, and room for what is skipped.
    private const int MaxDepth = 8;
    private const string Root = "instance";

    /// <summary>Reads the document.</summary>
    /// <returns>The JSON, or null when it is no XML that is taken here.</returns>
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
            using var json = new Utf8JsonWriter(buffer);
            reader.MoveToContent();
            json.WriteStartObject();
            WriteElement(reader, json, parent: "", depth: 1);
            json.WriteEndObject();

            // Something after the root is no document.
            while (reader.Read())
            {
            }
        }
        catch (XmlException)
        {
            return null;
        }

        return buffer.WrittenMemory;
    }

    private static void WriteElement(XmlReader reader, Utf8JsonWriter json, string parent, int depth)
    {
        var name = XmlNames.Decode(reader.LocalName);
        if (depth > MaxDepth || !WireText.IsClean(name))
        {
            throw new XmlException($"The document is deeper than {MaxDepth} elements, or has a name that is no text.");
        }

        json.WritePropertyName(name);
        var isPort = parent == Root && name is "port" or "securePort";
        var isObject = isPort || IsPart(name, parent);
        if (isObject)
        {
            json.WriteStartObject();
            WriteOptional(json, "@class", reader.GetAttribute("class"));
            WriteOptional(json, "@enabled", reader.GetAttribute("enabled"));
        }

        var text = reader.IsEmptyElement ? "" : WriteContent(reader, json, name, depth, ref isObject);
        if (isPort)
        {
            json.WriteString("$", text.Trim());
        }

        if (isObject)
        {
            json.WriteEndObject();
        }
        else
        {
            json.WriteStringValue(text);
        }
    }

    private static string WriteContent(XmlReader reader, Utf8JsonWriter json, string name, int depth, ref bool isObject)
    {
        var text = new StringBuilder();
        while (reader.Read() && reader.NodeType != XmlNodeType.EndElement)
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                // A field that nobody knows may have parts of its own.
                if (!isObject)
                {
                    json.WriteStartObject();
                    isObject = true;
                }

                WriteElement(reader, json, name, depth + 1);
            }
            else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
            {
                text.Append(reader.Value);
            }
        }

        return text.ToString();
    }

    private static bool IsPart(string name, string parent) => parent switch
    {
        "" => name == Root,
        Root => name is "metadata" or "leaseInfo" or "dataCenterInfo",
        "dataCenterInfo" => name == "metadata",
        _ => false,
    };

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
