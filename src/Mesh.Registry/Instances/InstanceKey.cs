namespace Mesh.Registry.Instances;

/// <summary>Names one instance: application in upper case, id as it came, because ids are case-sensitive.</summary>
internal readonly record struct InstanceKey(string App, string Id);
