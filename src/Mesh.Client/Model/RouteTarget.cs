namespace Mesh.Client.Model;

/// <summary>Where the calls of a route go.</summary>
/// <param name="Service">The service; null for the one that was called.</param>
/// <param name="Subset">The subset of it; null for all of it.</param>
/// <param name="Weight">Its share among the targets of the route.</param>
internal sealed record RouteTarget(string? Service, string? Subset, int Weight)
{
    /// <summary>The service that was called, all of it.</summary>
    public static RouteTarget Own { get; } = new(Service: null, Subset: null, Weight: 1);
}
