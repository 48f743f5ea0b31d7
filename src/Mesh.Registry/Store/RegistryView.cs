using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>What is registered together with the changes that led to it, taken at the same moment: the
/// hash of a delta must fit its changes.</summary>
internal sealed record RegistryView(RegistrySnapshot Snapshot, RegisteredInstance[] Changes, bool ChangesAreComplete);
