using System.Collections.Immutable;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>Writes one instance with all its fields, with the oddities that clients of the protocol expect.</summary>
internal static class InstanceWriter
{
    private const string NoMetadata = "java.util.Collections$EmptyMap";

    public static void Write(IWireWriter wire, RegisteredInstance instance, DateTimeOffset now)
    {
        Optional(wire, WireNames.InstanceId, instance.InstanceId);
        wire.Text(WireNames.HostName, instance.HostName);
        wire.Text(WireNames.App, instance.App);
        wire.Text(WireNames.IpAddress, instance.IpAddress);
        Optional(wire, WireNames.Sid, instance.Sid);
        wire.Text(WireNames.Status, instance.Status.ToWire());
        wire.Text(WireNames.OverriddenStatus, (instance.Override ?? InstanceStatus.Unknown).ToWire());
        wire.Port(WireNames.Port, instance.Port);
        wire.Port(WireNames.SecurePort, instance.SecurePort);
        wire.Number(WireNames.CountryId, instance.CountryId);
        WriteDataCenter(wire, instance.DataCenter, instance.DataCenter.Metadata);
        WriteLease(wire, instance, now);
        wire.Begin(WireNames.Metadata);
        if (instance.Metadata.IsEmpty)
        {
            wire.Class(NoMetadata);
        }

        Entries(wire, instance.Metadata);
        wire.End();
        Optional(wire, WireNames.AppGroupName, instance.AppGroupName);
        Optional(wire, WireNames.HomePageUrl, instance.HomePageUrl);
        Optional(wire, WireNames.StatusPageUrl, instance.StatusPageUrl);
        Optional(wire, WireNames.HealthCheckUrl, instance.HealthCheckUrl);
        Optional(wire, WireNames.SecureHealthCheckUrl, instance.SecureHealthCheckUrl);
        Optional(wire, WireNames.VipAddress, instance.VipAddress);
        Optional(wire, WireNames.SecureVipAddress, instance.SecureVipAddress);

        // True only for the registry server's own entry, and this one does not register with itself.
        wire.Text(WireNames.IsCoordinating, "false");
        wire.Digits(WireNames.LastUpdatedAt, instance.LastUpdatedAt);
        wire.Digits(WireNames.LastDirtyAt, instance.LastDirtyAt);
        wire.Text(WireNames.ActionType, Action(instance.LastChange));
        Optional(wire, WireNames.AsgName, instance.AsgName);
    }

    public static string Action(ChangeKind change) => change switch
    {
        ChangeKind.Added => "ADDED",
        ChangeKind.Modified => "MODIFIED",
        _ => "DELETED",
    };

    public static void WriteDataCenter(IWireWriter wire, DataCenter dataCenter, ImmutableArray<KeyValuePair<string, string>> metadata)
    {
        wire.Begin(WireNames.DataCenter);
        wire.Class(dataCenter.Class);
        wire.Text(WireNames.Name, dataCenter.Name);
        if (!metadata.IsEmpty)
        {
            wire.Begin(WireNames.Metadata);
            Entries(wire, metadata);
            wire.End();
        }

        wire.End();
    }

    public static void Optional(IWireWriter wire, WireName name, string? value)
    {
        if (value is not null)
        {
            wire.Text(name, value);
        }
    }

    private static void WriteLease(IWireWriter wire, RegisteredInstance instance, DateTimeOffset now)
    {
        wire.Begin(WireNames.Lease);
        wire.Number(WireNames.RenewalInterval, instance.RenewalIntervalSeconds);
        wire.Number(WireNames.Duration, instance.Lease.DurationSeconds);
        wire.Number(WireNames.RegisteredAt, instance.RegisteredAt);

        // The lease is measured on another clock than the registration; they differ by milliseconds.
        wire.Number(WireNames.LastRenewalAt, Math.Max(instance.RegisteredAt, (now - instance.Lease.ShownAge).ToUnixTimeMilliseconds()));
        wire.Number(WireNames.EvictedAt, instance.EvictedAt);
        wire.Number(WireNames.ServiceUpAt, instance.ServiceUpAt);
        wire.End();
    }

    private static void Entries(IWireWriter wire, ImmutableArray<KeyValuePair<string, string>> entries)
    {
        foreach (var (key, value) in entries)
        {
            wire.Entry(key, value);
        }
    }
}
