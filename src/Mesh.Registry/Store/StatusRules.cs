using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>Which status a registration gets. The first rule that matches decides; the order is the protocol's.</summary>
internal static class StatusRules
{
    public static InstanceStatus Resolve(InstanceStatus claimed, InstanceStatus? overridden, InstanceStatus? current)
    {
        // An instance that reports it cannot serve is taken at its word, whatever an operator has set.
        if (claimed is not (InstanceStatus.Up or InstanceStatus.OutOfService))
        {
            return claimed;
        }

        if (overridden is { } wished)
        {
            return wished;
        }

        // A live lease keeps its status: otherwise a client that registers again would undo that it was taken out of service.
        if (current is InstanceStatus.Up or InstanceStatus.OutOfService)
        {
            return current.Value;
        }

        return claimed;
    }
}
