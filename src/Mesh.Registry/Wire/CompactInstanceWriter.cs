using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>Writes only the fields of an instance that a balancer needs, for clients that ask with <c>X-Eureka-Accept:
/// compact</c>.</summary>
internal static class CompactInstanceWriter
{
    public static void Write(IWireWriter wire, RegisteredInstance instance)
    {
        InstanceWriter.Optional(wire, WireNames.InstanceId, instance.InstanceId);
        wire.Text(WireNames.App, instance.App);
        wire.Text(WireNames.IpAddress, instance.IpAddress);
        InstanceWriter.Optional(wire, WireNames.VipAddress, instance.VipAddress);
        InstanceWriter.Optional(wire, WireNames.SecureVipAddress, instance.SecureVipAddress);
        var place = instance.DataCenter.Metadata;
        InstanceWriter.WriteDataCenter(
            wire, instance.DataCenter, place.IsEmpty ? place : place.RemoveAll(static entry => !IsAddress(entry.Key)));
        wire.Text(WireNames.HostName, instance.HostName);
        wire.Text(WireNames.Status, instance.Status.ToWire());
        wire.Number(WireNames.LastUpdatedAt, instance.LastUpdatedAt);
        wire.Text(WireNames.ActionType, InstanceWriter.Action(instance.LastChange));
        wire.Port(WireNames.Port, instance.Port);
        wire.Port(WireNames.SecurePort, instance.SecurePort);
        InstanceWriter.Optional(wire, WireNames.AsgName, instance.AsgName);
    }

    private static bool IsAddress(string key) =>
        key is "instance-id" or "availability-zone" or "public-hostname" or "public-ipv4" or "local-ipv4";
}
