namespace Mesh.Client;

/// <summary>What a source says of itself, for messages and warnings.</summary>
public sealed class MeshSourceStatus
{
    /// <summary>A source that reads no registry: a file, say, or the application's own code.</summary>
    public static MeshSourceStatus Default { get; } = new();

    /// <summary>Where the registry is that it reads, as URLs.</summary>
    /// <value>Default empty. User and password are not shown.</value>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Why it reads nothing although it could, as a sentence that names the key to change, such as <c>The registry is not read
    /// (Mesh:Discovery:Eureka:Fetch is false).</c></summary>
    /// <value>Default null: it reads.</value>
    public string? Idle { get; init; }

    /// <summary>Whether its endpoints come from a snapshot at present, until the registry answers.</summary>
    /// <value>Default false.</value>
    public bool IsRemembered { get; init; }

    /// <summary>Whether whoever can write to a registry can name endpoints.</summary>
    internal bool ReadsRegistry => Idle is null && Addresses.Count > 0;
}
