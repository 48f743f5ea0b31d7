namespace Mesh.Registry.Wire;

internal static class WireForms
{
    public const int Count = 4;

    public static bool IsCompact(this WireForm form) => form is WireForm.CompactJson or WireForm.CompactXml;

    public static bool IsJson(this WireForm form) => form is WireForm.Json or WireForm.CompactJson;

    /// <summary>A single instance is always sent in full.</summary>
    public static WireForm Full(this WireForm form) => form.IsJson() ? WireForm.Json : WireForm.Xml;

    public static WireForm Compact(this WireForm form) => form.IsJson() ? WireForm.CompactJson : WireForm.CompactXml;

    public static string ContentType(this WireForm form) => form.IsJson() ? "application/json" : "application/xml";
}
