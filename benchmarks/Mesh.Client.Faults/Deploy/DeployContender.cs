using Mesh.Client.Faults.Contenders;

namespace Mesh.Client.Faults.Deploy;

/// <summary>A way to call the service, and whether its instances register.</summary>
/// <param name="Contender">What the caller writes.</param>
/// <param name="IsMesh">Whether its instances are on the mesh, too, and meet the caller at a registry.</param>
internal sealed record DeployContender(Contender Contender, bool IsMesh)
{
    public static readonly DeployContender Mesh = new(KnownContenders.Mesh, IsMesh: true);

    public static readonly IReadOnlyList<DeployContender> All = [Mesh, new(KnownContenders.Stock, IsMesh: false)];

    public string Name => Contender.Name;
}
