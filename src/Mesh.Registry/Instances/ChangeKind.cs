namespace Mesh.Registry.Instances;

/// <summary>What happened last to an instance.</summary>
internal enum ChangeKind
{
    Added,
    Modified,
    Deleted,
}
