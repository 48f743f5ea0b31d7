namespace Mesh.Client;

/// <summary>A setting of a service that is in force.</summary>
public sealed class MeshSetting
{
    /// <summary>As below <c>Mesh:Services:name</c>, such as <c>Retry:MaxRetries</c>.</summary>
    public required string Key { get; init; }

    /// <summary>As it would be written in the configuration; <c>none</c> for no limit, or where nothing is set and nothing is built
    /// in.</summary>
    public required string Value { get; init; }

    /// <summary>Who says it: <c>built-in</c>, <c>configuration</c> (code included), <c>run time</c>, or the name of a source.</summary>
    public required string Source { get; init; }

    /// <summary>With which rank.</summary>
    public MeshSourceRank Rank { get; init; }

    /// <summary>Whether it is said of this service; otherwise of all services, or built in.</summary>
    public bool IsOfService { get; init; }
}
