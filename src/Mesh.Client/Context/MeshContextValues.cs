using System.Collections.Frozen;
using Mesh.Client.Options;

namespace Mesh.Client;

/// <summary>Values given to work: see <see cref="MeshContext.Begin"/> and
/// <see cref="MeshContext.RunAsync(MeshContextValues, Func{Task})"/>.</summary>
public sealed record MeshContextValues
{
    /// <summary>How much the work's calls matter under overload.</summary>
    /// <value>Default <see cref="Mesh.Client.Criticality.Sheddable"/>.</value>
    public Criticality Criticality { get; init; } = Criticality.Sheddable;

    /// <summary>Labels that travel with the work's calls.</summary>
    /// <value>Default none. At most 16; keys of 1 to 64 lower-case letters, digits and <c>-</c>; values of
    /// visible ASCII without spaces, up to 1 KiB.</value>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The caller on whose behalf the work is done. For display only.</summary>
    /// <value>Default none.</value>
    public MeshCaller? Caller { get; init; }

    /// <summary>The user on whose behalf the work is done. Calls to services with <see cref="CredentialMode.Propagate"/> carry the user's
    /// token for as long as it is valid.</summary>
    /// <value>Default none. Only <see cref="MeshContext.Capture"/> makes one.</value>
    public MeshUser? User { get; init; }

    /// <summary>The time that all calls of the work have together.</summary>
    /// <value>Default none: each call has the timeout of its service. Must be longer than zero.</value>
    public TimeSpan? Timeout { get; init; }
}
