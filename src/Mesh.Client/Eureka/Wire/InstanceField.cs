namespace Mesh.Client.Eureka.Wire;

/// <summary>The fields of an instance that are read; a set of them says which were seen.</summary>
[Flags]
internal enum InstanceField
{
    None = 0,
    Id = 1 << 0,
    HostName = 1 << 1,
    App = 1 << 2,
    IPAddress = 1 << 3,
    Status = 1 << 4,
    OverriddenStatus = 1 << 5,
    OldOverriddenStatus = 1 << 6,
    LastDirty = 1 << 7,
    Action = 1 << 8,
    Port = 1 << 9,
    SecurePort = 1 << 10,
    VipAddress = 1 << 11,
    SecureVipAddress = 1 << 12,
    DataCenter = 1 << 13,
    Metadata = 1 << 14,
    MachineId = 1 << 15,
}
