namespace Mesh.Client.Model;

/// <summary>How a text is compared.</summary>
internal enum TextMatchKind
{
    Exact,
    Prefix,
    Regex,
    Present,
    Absent,
}
