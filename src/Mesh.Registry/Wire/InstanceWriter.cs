using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Mesh.Registry;

/// <summary>Writes one instance as JSON, with the oddities that clients of the protocol expect: which numbers are strings is part of it.</summary>
internal static class InstanceWriter
{
    public static void Write(Utf8JsonWriter json, RegisteredInstance instance, DateTimeOffset now)
    {
        json.WriteStartObject();
        WriteOptional(json, "instanceId"u8, instance.InstanceId);
        json.WriteString("hostName"u8, instance.HostName);
        json.WriteString("app"u8, instance.App);
        json.WriteString("ipAddr"u8, instance.IpAddress);
        json.WriteString("status"u8, instance.Status.ToWire());
        json.WriteString("overriddenStatus"u8, (instance.Override ?? InstanceStatus.Unknown).ToWire());
        WritePort(json, "port"u8, instance.Port);
        WritePort(json, "securePort"u8, instance.SecurePort);
        json.WriteNumber("countryId"u8, instance.CountryId);
        WriteDataCenter(json, instance.DataCenter);
        WriteLease(json, instance, now);
        json.WriteStartObject("metadata"u8);
        if (instance.Metadata.IsEmpty)
        {
            json.WriteString("@class"u8, "java.util.Collections$EmptyMap"u8);
        }

        WriteEntries(json, instance.Metadata);
        json.WriteEndObject();
        WriteOptional(json, "appGroupName"u8, instance.AppGroupName);
        WriteOptional(json, "homePageUrl"u8, instance.HomePageUrl);
        WriteOptional(json, "statusPageUrl"u8, instance.StatusPageUrl);
        WriteOptional(json, "healthCheckUrl"u8, instance.HealthCheckUrl);
        WriteOptional(json, "secureHealthCheckUrl"u8, instance.SecureHealthCheckUrl);
        WriteOptional(json, "vipAddress"u8, instance.VipAddress);
        WriteOptional(json, "secureVipAddress"u8, instance.SecureVipAddress);

        // True only for the registry server's own entry, and this one does not register with itself.
        json.WriteString("isCoordinatingDiscoveryServer"u8, "false"u8);
        json.WriteString("lastUpdatedTimestamp"u8, Digits(instance.LastUpdatedAt));
        json.WriteString("lastDirtyTimestamp"u8, Digits(instance.LastDirtyAt));
        json.WriteString("actionType"u8, instance.LastChange switch
        {
            ChangeKind.Added => "ADDED"u8,
            ChangeKind.Modified => "MODIFIED"u8,
            _ => "DELETED"u8,
        });
        WriteOptional(json, "asgName"u8, instance.AsgName);
        json.WriteEndObject();
    }

    private static void WritePort(Utf8JsonWriter json, ReadOnlySpan<byte> name, PortBinding port)
    {
        json.WriteStartObject(name);
        json.WriteNumber("$"u8, port.Number);
        json.WriteString("@enabled"u8, port.Enabled ? "true"u8 : "false"u8);
        json.WriteEndObject();
    }

    private static void WriteDataCenter(Utf8JsonWriter json, DataCenter dataCenter)
    {
        json.WriteStartObject("dataCenterInfo"u8);
        json.WriteString("@class"u8, dataCenter.Class);
        json.WriteString("name"u8, dataCenter.Name);
        if (!dataCenter.Metadata.IsEmpty)
        {
            json.WriteStartObject("metadata"u8);
            WriteEntries(json, dataCenter.Metadata);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteLease(Utf8JsonWriter json, RegisteredInstance instance, DateTimeOffset now)
    {
        json.WriteStartObject("leaseInfo"u8);
        json.WriteNumber("renewalIntervalInSecs"u8, instance.RenewalIntervalSeconds);
        json.WriteNumber("durationInSecs"u8, instance.Lease.DurationSeconds);
        json.WriteNumber("registrationTimestamp"u8, instance.RegisteredAt);
        json.WriteNumber("lastRenewalTimestamp"u8, (now - instance.Lease.Age).ToUnixTimeMilliseconds());
        json.WriteNumber("evictionTimestamp"u8, instance.EvictedAt);
        json.WriteNumber("serviceUpTimestamp"u8, instance.ServiceUpAt);
        json.WriteEndObject();
    }

    private static void WriteEntries(Utf8JsonWriter json, ImmutableArray<KeyValuePair<string, string>> entries)
    {
        foreach (var (key, value) in entries)
        {
            json.WriteString(key, value);
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}
