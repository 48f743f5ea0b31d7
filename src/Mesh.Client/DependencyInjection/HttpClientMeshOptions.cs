namespace Mesh.Client.DependencyInjection;

/// <summary>Whether a client of the factory is on the mesh, by the client's name.</summary>
internal sealed class HttpClientMeshOptions
{
    public bool WithoutMesh { get; set; }
}
