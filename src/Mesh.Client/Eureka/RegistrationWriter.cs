using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Options;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>Writes a registration in the form that a real server accepts, as tested; it refuses most others (ports as plain numbers, no
/// data centre class, …).</summary>
internal static class RegistrationWriter
{
    public static byte[] Write(InstanceRegistration registration, RegistrationStatus status, long dirty)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            var address = registration.Address;
            var details = registration.Details;
            json.WriteStartObject();
            json.WriteStartObject("instance");
            json.WriteString("instanceId", registration.InstanceId);
            json.WriteString("hostName", address.HostName);
            json.WriteString("app", registration.App);
            WriteIfSet(json, "appGroupName", details.AppGroup);
            json.WriteString("ipAddr", address.IPAddress);
            json.WriteString("status", EurekaStatusNames.NameOf(status));
            json.WriteString("overriddenstatus", EurekaStatusNames.NameOf(registration.Overridden));
            WritePort(json, "port", address.Port, unused: 80);
            WritePort(json, "securePort", address.SecurePort, unused: 443);
            json.WriteNumber("countryId", 1);

            WriteDataCenter(json, details);

            json.WriteStartObject("leaseInfo");
            json.WriteNumber("renewalIntervalInSecs", WholeSeconds(registration.HeartbeatInterval));
            json.WriteNumber("durationInSecs", WholeSeconds(registration.LeaseDuration));
            json.WriteEndObject();

            json.WriteStartObject("metadata");
            foreach (var (key, value) in registration.Metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();

            WritePages(json, RegistrationPages.Of(address, details));
            json.WriteString("vipAddress", details.VipAddress ?? registration.Vip);
            json.WriteString("secureVipAddress", details.SecureVipAddress ?? registration.Vip);
            WriteIfSet(json, "asgName", details.AutoScalingGroup);
            json.WriteString("isCoordinatingDiscoveryServer", "false");
            var timestamp = dirty.ToString(CultureInfo.InvariantCulture);
            json.WriteString("lastUpdatedTimestamp", timestamp);
            json.WriteString("lastDirtyTimestamp", timestamp);
            json.WriteString("actionType", "ADDED");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WritePort(Utf8JsonWriter json, string name, int? port, int unused)
    {
        json.WriteStartObject(name);
        json.WriteNumber("$", port ?? unused);
        json.WriteString("@enabled", port is null ? "false" : "true");
        json.WriteEndObject();
    }

    /// <summary>Writes the data centre. The class tells the server how to read the rest; an entry without one is refused.</summary>
    private static void WriteDataCenter(Utf8JsonWriter json, RegistrationDetails details)
    {
        json.WriteStartObject("dataCenterInfo");
        json.WriteString("@class", details.DataCenter == EurekaDataCenter.Amazon
            ? "com.netflix.appinfo.AmazonInfo"
            : "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo");
        json.WriteString("name", details.DataCenter.ToString());
        if (details.DataCenter == EurekaDataCenter.Amazon)
        {
            json.WriteStartObject("metadata");
            foreach (var (key, value) in details.DataCenterMetadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WritePages(Utf8JsonWriter json, RegistrationPages pages)
    {
        json.WriteString("homePageUrl", pages.Home);
        json.WriteString("statusPageUrl", pages.Status);
        json.WriteString("healthCheckUrl", pages.HealthCheck);
        WriteIfSet(json, "secureHealthCheckUrl", pages.SecureHealthCheck);
    }

    private static void WriteIfSet(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>The protocol counts in whole seconds. Rounded up: a lease may last longer than asked for, never shorter.</summary>
    private static int WholeSeconds(TimeSpan value) => (int)Math.Min(int.MaxValue, Math.Max(1, Math.Ceiling(value.TotalSeconds)));
}
