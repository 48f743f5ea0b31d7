using Mesh.Client.Primitives;

namespace Mesh.Client.Discovery;

/// <summary>The names that sources give to services.</summary>
internal static class SourceName
{
    /// <summary>Whether a name can be that of a service.</summary>
    public static bool IsUsable(string name) =>
        name.Length <= RegistryLimits.NameLength && !string.IsNullOrWhiteSpace(name) && !Printable.HasControl(name);
}
