using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>The registered instances together with the changes that led to them, from one moment: the hash of a delta must fit its
/// changes.</summary>
internal sealed record RegistryView(RegistrySnapshot Snapshot, RegisteredInstance[] Changes, bool ChangesAreComplete);
