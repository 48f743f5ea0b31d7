using System.Xml.Linq;

namespace Mesh.Registry.Tests.Captures;

/// <summary>XML in a form that two servers can be compared in, with the same marks as <see cref="CanonicalJson"/>.</summary>
internal static class CanonicalXml
{
    public static string Of(string xml, params string[] alsoMasked) =>
        Canonical(XDocument.Parse(xml).Root!, [.. CanonicalJson.ServerTimes, .. alsoMasked]).ToString(SaveOptions.DisableFormatting);

    private static XElement Canonical(XElement element, string[] masked)
    {
        var attributes = element.Attributes().OrderBy(static attribute => attribute.Name.LocalName, StringComparer.Ordinal);
        if (masked.Contains(element.Name.LocalName))
        {
            return new XElement(element.Name, attributes, element.Value == "0" ? "zero" : "time");
        }

        return element.HasElements
            ? new XElement(
                element.Name, attributes, element.Elements().Select(child => Canonical(child, masked)).OrderBy(Key, StringComparer.Ordinal))
            : new XElement(element.Name, attributes, element.Value);
    }

    private static string Key(XElement element) =>
        element.Name.LocalName + " "
            + (element.Element("instanceId")?.Value ?? element.Element("name")?.Value ?? element.Element("hostName")?.Value ?? "");
}
