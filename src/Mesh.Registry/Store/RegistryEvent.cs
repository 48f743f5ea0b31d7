namespace Mesh.Registry;

/// <summary>An event, in the words of the page.</summary>
internal readonly record struct RegistryEvent(DateTimeOffset At, InstanceKey Instance, string What);
