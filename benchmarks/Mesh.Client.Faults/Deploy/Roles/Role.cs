namespace Mesh.Client.Faults.Deploy.Roles;

/// <summary>The names of the roles that a process of this program can play.</summary>
internal static class Role
{
    public const string Registry = "registry";

    /// <summary>Also the name of the service.</summary>
    public const string Orders = "orders";

    public const string Backend = "backend";

    public static Task RunAsync(string role, string[] args) => role switch
    {
        Registry => RegistryRole.RunAsync(args),
        Orders => OrdersRole.RunAsync(args),
        Backend => BackendRole.RunAsync(args),
        _ => throw new ArgumentException($"There is no role '{role}'."),
    };
}
