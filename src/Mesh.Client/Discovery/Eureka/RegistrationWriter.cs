using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Writes a registration in the form that a real server was seen to accept; it refuses most others (ports as plain numbers, no data centre class, …).</summary>
internal static class RegistrationWriter
{
    public static byte[] Write(Registration registration, EurekaStatus status, long dirty)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            var address = registration.Address;
            json.WriteStartObject();
            json.WriteStartObject("instance");
            json.WriteString("instanceId", registration.InstanceId);
            json.WriteString("hostName", address.HostName);
            json.WriteString("app", registration.App);
            json.WriteString("ipAddr", address.IPAddress);
            json.WriteString("status", EurekaStatusNames.NameOf(status));
            json.WriteString("overriddenstatus", "UNKNOWN");
            WritePort(json, "port", address.Port, unused: 80);
            WritePort(json, "securePort", address.SecurePort, unused: 443);
            json.WriteNumber("countryId", 1);

            json.WriteStartObject("dataCenterInfo");
            json.WriteString("@class", "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo");
            json.WriteString("name", "MyOwn");
            json.WriteEndObject();

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

            WriteAddresses(json, address);
            json.WriteString("vipAddress", registration.Vip);
            json.WriteString("secureVipAddress", registration.Vip);
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

    private static void WriteAddresses(Utf8JsonWriter json, AdvertisedAddress address)
    {
        var root = address.Port is { } plain
            ? string.Create(CultureInfo.InvariantCulture, $"http://{address.HostName}:{plain}")
            : string.Create(CultureInfo.InvariantCulture, $"https://{address.HostName}:{address.SecurePort}");
        json.WriteString("homePageUrl", root + "/");
        json.WriteString("statusPageUrl", root + "/info");
        json.WriteString("healthCheckUrl", root + "/health");
        if (address.SecurePort is { } secure)
        {
            json.WriteString("secureHealthCheckUrl", string.Create(CultureInfo.InvariantCulture, $"https://{address.HostName}:{secure}/health"));
        }
    }

    /// <summary>The protocol counts in whole seconds. Rounded up: a lease may last longer than asked for, never shorter.</summary>
    private static int WholeSeconds(TimeSpan value) => (int)Math.Min(int.MaxValue, Math.Max(1, Math.Ceiling(value.TotalSeconds)));
}
