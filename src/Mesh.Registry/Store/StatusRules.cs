using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>Which status a registration gets. The first rule that matches decides; the order is the protocol's.</summary>
internal static class StatusRules
{
    public static InstanceStatus Resolve(InstanceStatus claimed, InstanceStatus? overridden, InstanceStatus? current)
    {
        // An instance that says it cannot serve is believed, whatever an operator wished.
        if (claimed is not (InstanceStatus.Up or InstanceStatus.OutOfService))
        {
            return claimed;
        }

        if (overridden is { } wished)
        {
            return wished;
        }

        // A live lease keeps its state: otherwise a client that registers again would undo what it was taken out for.
        if (current is InstanceStatus.Up or InstanceStatus.OutOfService)
        {
            return current.Value;
        }

        return claimed;
    }
}
