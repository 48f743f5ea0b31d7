namespace Mesh.Client;

/// <summary>Something that was said and is not in force.</summary>
public sealed class MeshRefusal
{
    /// <summary>Who said it.</summary>
    public required string Source { get; init; }

    /// <summary>About which service; null for all of them.</summary>
    public string? Service { get; init; }

    /// <summary>Every mistake.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }
}
