namespace Mesh.Registry.Instances;

/// <summary>Identifies one instance: the application in upper case, and the id unchanged, because ids are case-sensitive.</summary>
internal readonly record struct InstanceKey(string App, string Id);
