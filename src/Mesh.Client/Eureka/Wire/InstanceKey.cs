namespace Mesh.Client.Eureka.Wire;

/// <summary>What identifies an instance in a registry: the application in upper case and the instance id, which is
/// case-sensitive.</summary>
internal readonly record struct InstanceKey(string App, string Id);
