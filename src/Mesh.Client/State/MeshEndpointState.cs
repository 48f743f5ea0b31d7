namespace Mesh.Client;

/// <summary>An endpoint of a service at one moment.</summary>
public sealed class MeshEndpointState
{
    /// <summary>Where it is and what is known of it.</summary>
    public required EndpointDescription Description { get; init; }

    /// <summary>What the mesh thinks of it.</summary>
    public EndpointVerdict Verdict { get; init; }

    /// <summary>Why, in a sentence; null for an endpoint in rotation.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether calls go to it. Not if it is on standby or ejected or leaves, unless there is no better one.</summary>
    public bool IsUsed { get; init; }

    /// <summary>The attempts that are under way to it, from this process.</summary>
    public int InFlight { get; init; }
}
