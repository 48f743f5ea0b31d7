namespace Mesh.Client.Registration;

/// <summary>What a registry says about an instance.</summary>
internal enum EurekaStatus : byte
{
    Unknown,
    Up,
    Down,
    Starting,
    OutOfService,
}
