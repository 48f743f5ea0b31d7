namespace Mesh.Registry.Instances;

/// <summary>The last change of an instance.</summary>
internal enum ChangeKind
{
    Added,
    Modified,
    Deleted,
}
