using Mesh.Client.Faults.Contenders;

namespace Mesh.Client.Faults.Deploy;

/// <summary>A way to call the service, and whether its instances register.</summary>
/// <param name="Contender">What the caller writes.</param>
/// <param name="UsesRegistry">Whether instances and caller meet at a registry; otherwise the caller has their addresses in its configuration.</param>
internal sealed record DeployContender(Contender Contender, bool UsesRegistry)
{
    public static readonly DeployContender Mesh = new(KnownContenders.Mesh, UsesRegistry: true);

    public static readonly IReadOnlyList<DeployContender> All = [Mesh, new(KnownContenders.Stock, UsesRegistry: false)];

    public string Name => Contender.Name;
}
