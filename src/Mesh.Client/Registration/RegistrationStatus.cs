namespace Mesh.Client.Registration;

/// <summary>What a registry says about an instance.</summary>
internal enum RegistrationStatus : byte
{
    Unknown,
    Up,
    Down,
    Starting,
    OutOfService,
}
