namespace Mesh.Client.Outbound.HttpClients;

/// <summary>The mesh settings of one client of the factory, by the client's name.</summary>
internal sealed class HttpClientMeshOptions
{
    public bool WithoutMesh { get; set; }

    /// <summary>Whether the user states that the primary handler sends to the address in the URI and nowhere else.</summary>
    public bool TrustsPrimaryHandler { get; set; }
}
