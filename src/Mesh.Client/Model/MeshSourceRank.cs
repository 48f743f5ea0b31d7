namespace Mesh.Client;

/// <summary>Whose word counts where several say something about one setting of a service: the highest.</summary>
/// <remarks>The place goes before the rank: what anybody says of a service counts more than what <c>Mesh:Override</c> says of
/// all.</remarks>
public enum MeshSourceRank
{
    /// <summary>The package itself, where nobody says anything.</summary>
    BuiltIn,

    /// <summary>A registry: it knows endpoints.</summary>
    Registry,

    /// <summary>The configuration of this application, and its code.</summary>
    Configuration,

    /// <summary>A control plane: it sets what many applications do.</summary>
    ControlPlane,

    /// <summary>A change at run time, which ends by itself (<see cref="IMeshOverrides"/>).</summary>
    RunTime,

    /// <summary>Section <c>Mesh:Override</c>: the operator's last word.</summary>
    Override,
}
