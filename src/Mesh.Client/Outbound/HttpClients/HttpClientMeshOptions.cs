namespace Mesh.Client.Outbound.HttpClients;

/// <summary>How a client of the factory is on the mesh, by the client's name.</summary>
internal sealed class HttpClientMeshOptions
{
    public bool WithoutMesh { get; set; }

    /// <summary>Whether the user vouches that the primary handler sends to the address in the URI and nowhere else.</summary>
    public bool TrustsPrimaryHandler { get; set; }
}
