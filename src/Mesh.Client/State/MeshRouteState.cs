namespace Mesh.Client;

/// <summary>A route of a service.</summary>
public sealed class MeshRouteState
{
    /// <summary>Its name; <c>default</c> for the one that matches all calls.</summary>
    public required string Name { get; init; }

    /// <summary>The subsets that its calls go to; null for all endpoints of the service.</summary>
    public IReadOnlyList<string?> Targets { get; init; } = [];

    /// <summary>The time of an attempt that was learned from its answers; null before there are enough.</summary>
    public TimeSpan? LearnedTimeout { get; init; }
}
