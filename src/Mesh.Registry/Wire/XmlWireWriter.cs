using System.Globalization;
using System.Xml;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

internal sealed class XmlWireWriter(XmlWriter xml) : IWireWriter
{
    public void Begin(WireName name) => xml.WriteStartElement(name.Xml);

    public void End() => xml.WriteEndElement();

    public void BeginList(WireName items)
    {
    }

    public void BeginItem(WireName name) => xml.WriteStartElement(name.Xml);

    public void EndList()
    {
    }

    public void Text(WireName name, string value) => xml.WriteElementString(name.Xml, value);

    public void Number(WireName name, long value) => xml.WriteElementString(name.Xml, value.ToString(CultureInfo.InvariantCulture));

    public void Digits(WireName name, long value) => Number(name, value);

    public void Port(WireName name, PortBinding port)
    {
        xml.WriteStartElement(name.Xml);
        xml.WriteAttributeString("enabled", port.Enabled ? "true" : "false");
        xml.WriteString(port.Number.ToString(CultureInfo.InvariantCulture));
        xml.WriteEndElement();
    }

    public void Class(string name) => xml.WriteAttributeString("class", name);

    public void Entry(string key, string value) => xml.WriteElementString(XmlNames.Encode(key), value);
}
