using Mesh.Client.Registration;

namespace Mesh.Client.Eureka.Wire;

/// <summary>An instance as it was read; its texts still belong to the reader.</summary>
internal ref struct InstanceFields
{
    public ReadOnlySpan<byte> Id;

    public bool HasHostName;

    public ReadOnlySpan<byte> HostName;

    public bool HasIPAddress;

    public ReadOnlySpan<byte> IPAddress;

    public RegistrationStatus Status;

    public RegistrationStatus OverriddenStatus;

    public long LastDirty;

    public bool Deleted;

    public EurekaPort Port;

    public EurekaPort SecurePort;
}
