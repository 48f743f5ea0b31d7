namespace Mesh.Client.Model;

/// <summary>A part of a service's endpoints, and how calls to it are shared and limited. Immutable.</summary>
/// <param name="Name">Null for all endpoints.</param>
/// <param name="Policy">How the calls are shared and limited.</param>
internal sealed record SubsetModel(string? Name, ServicePolicy Policy)
{
    /// <summary>All endpoints of a service.</summary>
    public static SubsetModel All(ServicePolicy policy) => new(Name: null, policy);
}
