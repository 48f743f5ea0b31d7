namespace Mesh.Client;

/// <summary>All that a source says about one subject.</summary>
public abstract class MeshUpdate
{
    private protected MeshUpdate()
    {
    }
}
