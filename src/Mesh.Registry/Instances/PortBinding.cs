namespace Mesh.Registry.Instances;

/// <summary>A port and whether the instance listens on it.</summary>
internal readonly record struct PortBinding(int Number, bool Enabled)
{
    public static readonly PortBinding DefaultPlain = new(7001, true);
    public static readonly PortBinding DefaultSecure = new(7002, false);
}
