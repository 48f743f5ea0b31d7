namespace Mesh.Registry.Wire;

/// <summary>The four forms of an answer: two languages, each full or with only what a balancer needs.</summary>
internal enum WireForm
{
    Json,
    CompactJson,
    Xml,
    CompactXml,
}
