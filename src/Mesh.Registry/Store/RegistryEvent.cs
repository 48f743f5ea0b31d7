using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>An event, in the words of the page.</summary>
internal readonly record struct RegistryEvent(DateTimeOffset At, InstanceKey Instance, string What);
