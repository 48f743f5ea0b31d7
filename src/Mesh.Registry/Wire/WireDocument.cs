using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Xml;

namespace Mesh.Registry.Wire;

/// <summary>Writes the bytes of one document in either language.</summary>
internal static class WireDocument
{
    public static byte[] Write<TContent>(WireForm form, TContent content, Action<IWireWriter, TContent> write)
    {
        if (form.IsJson())
        {
            var buffer = new ArrayBufferWriter<byte>(1_024);
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                write(new JsonWireWriter(json), content);
                json.WriteEndObject();
            }

            return buffer.WrittenSpan.ToArray();
        }

        var stream = new MemoryStream(1_024);
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            OmitXmlDeclaration = true,
            Indent = !form.IsCompact(),
            NewLineChars = "\n",
        }))
        {
            write(new XmlWireWriter(xml), content);
        }

        return stream.ToArray();
    }
}
