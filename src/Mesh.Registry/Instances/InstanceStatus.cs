namespace Mesh.Registry.Instances;

/// <summary>The states of the Eureka protocol.</summary>
internal enum InstanceStatus
{
    Unknown,
    Up,
    Down,
    Starting,
    OutOfService,
}
