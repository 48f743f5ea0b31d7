namespace Mesh.Registry.Wire;

/// <summary>The four forms of an answer: two languages, each full or with what a balancer needs only.</summary>
internal enum WireForm
{
    Json,
    CompactJson,
    Xml,
    CompactXml,
}
