namespace Mesh.Client.Eureka.Wire;

/// <summary>The wire names of <see cref="InstanceField"/>.</summary>
internal static class InstanceFieldNames
{
    public static InstanceField Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when name.SequenceEqual("app"u8) => InstanceField.App,
        4 when name.SequenceEqual("port"u8) => InstanceField.Port,
        6 when name.SequenceEqual("ipAddr"u8) => InstanceField.IPAddress,
        6 when name.SequenceEqual("status"u8) => InstanceField.Status,
        8 when name.SequenceEqual("hostName"u8) => InstanceField.HostName,
        8 when name.SequenceEqual("metadata"u8) => InstanceField.Metadata,
        10 when name.SequenceEqual("instanceId"u8) => InstanceField.Id,
        10 when name.SequenceEqual("securePort"u8) => InstanceField.SecurePort,
        10 when name.SequenceEqual("vipAddress"u8) => InstanceField.VipAddress,
        10 when name.SequenceEqual("actionType"u8) => InstanceField.Action,
        14 when name.SequenceEqual("dataCenterInfo"u8) => InstanceField.DataCenter,
        16 when name.SequenceEqual("overriddenStatus"u8) => InstanceField.OverriddenStatus,
        16 when name.SequenceEqual("overriddenstatus"u8) => InstanceField.OldOverriddenStatus,
        16 when name.SequenceEqual("secureVipAddress"u8) => InstanceField.SecureVipAddress,
        18 when name.SequenceEqual("lastDirtyTimestamp"u8) => InstanceField.LastDirty,
        _ => InstanceField.None,
    };
}
