namespace Mesh.Client.Registration;

/// <summary>The status of an instance in a registry.</summary>
internal enum RegistrationStatus : byte
{
    Unknown,
    Up,
    Down,
    Starting,
    OutOfService,
}
