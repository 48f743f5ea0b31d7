namespace Mesh.Client;

/// <summary>What the mesh knows and does at this moment, to read. Get it from the service provider.</summary>
/// <remarks>Safe to call from any thread. Each property is a picture taken when it is read, and costs what it shows: for people and tools,
/// not for the path of a request.</remarks>
public interface IMeshState
{
    /// <summary>1 for the configuration at start, one more for each accepted reload.</summary>
    int Generation { get; }

    /// <summary>Every service that is configured, was called, or is named by a source; sorted by name.</summary>
    IReadOnlyList<MeshServiceState> Services { get; }

    /// <summary>What was refused, while nothing better has come: of sources, and of the configuration (source
    /// <c>configuration</c>).</summary>
    IReadOnlyList<MeshRefusal> Refusals { get; }

    /// <summary>One service.</summary>
    /// <param name="name">Its name; case does not matter.</param>
    /// <returns>Null if it is no service.</returns>
    MeshServiceState? Find(string name);
}
