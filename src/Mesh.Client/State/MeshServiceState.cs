namespace Mesh.Client;

/// <summary>A service at one moment.</summary>
public sealed class MeshServiceState
{
    /// <summary>Its name, in lower case.</summary>
    public required string Name { get; init; }

    /// <summary>Whether this process has called it.</summary>
    public bool IsCalled { get; init; }

    /// <summary>Who names its endpoints: sources, or <c>configuration</c>; empty for nobody.</summary>
    public IReadOnlyList<string> NamedBy { get; init; } = [];

    /// <summary>Why it has no endpoint, as its source says it; null for nothing said.</summary>
    public string? Absence { get; init; }

    /// <summary>The number of named endpoints that the endpoint rules refuse (events 1700, 1701).</summary>
    public int RefusedEndpoints { get; init; }

    /// <summary>Which calls go where, in the order in which they are looked at.</summary>
    public IReadOnlyList<MeshRouteState> Routes { get; init; } = [];

    /// <summary>The parts of its endpoints that calls are shared among.</summary>
    public IReadOnlyList<MeshSubsetState> Subsets { get; init; } = [];

    /// <summary>Its endpoints.</summary>
    public IReadOnlyList<MeshEndpointState> Endpoints { get; init; } = [];

    /// <summary>Every setting in force, with who has said it.</summary>
    public IReadOnlyList<MeshSetting> Settings { get; init; } = [];
}
