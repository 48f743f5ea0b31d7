using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Options;
using Mesh.Client.Registration;

namespace Mesh.Client.Tests.Eureka;

/// <summary>A registration that a client sent to a real server, as ours would be configured for it.</summary>
internal static class RecordedRegistration
{
    // A real server sets the lease's times itself and takes the registration without them; the rest are
    // the empty value, or the old name, of a field.
    private static readonly string[] Dispensable =
        ["registrationTimestamp", "lastRenewalTimestamp", "evictionTimestamp", "serviceUpTimestamp", "@class", "overriddenStatus", "sid"];

    public static InstanceRegistration Of(JsonNode instance) => new()
    {
        App = (string)instance["app"]!,
        Vip = (string?)instance["vipAddress"] ?? string.Empty,
        InstanceId = (string)instance["instanceId"]!,
        Address = new AdvertisedAddress
        {
            HostName = (string)instance["hostName"]!,
            IPAddress = (string)instance["ipAddr"]!,
            Port = PortOf(instance["port"]),
            SecurePort = PortOf(instance["securePort"]),
        },
        HeartbeatInterval = TimeSpan.FromSeconds((int)instance["leaseInfo"]!["renewalIntervalInSecs"]!),
        LeaseDuration = TimeSpan.FromSeconds((int)instance["leaseInfo"]!["durationInSecs"]!),
        Metadata = instance["metadata"]!.AsObject()
            .Where(entry => entry.Key != "@class")
            .ToDictionary(entry => entry.Key, entry => (string)entry.Value!),
        Details = new RegistrationDetails
        {
            SecureVipAddress = (string?)instance["secureVipAddress"],
            AppGroup = (string?)instance["appGroupName"],
            HomePage = (string?)instance["homePageUrl"],
            StatusPage = (string?)instance["statusPageUrl"],
            HealthCheck = (string?)instance["healthCheckUrl"],
            DataCenter = Enum.Parse<EurekaDataCenter>((string)instance["dataCenterInfo"]!["name"]!),
            DataCenterMetadata = instance["dataCenterInfo"]!["metadata"]?.AsObject().ToDictionary(
                entry => entry.Key, entry => (string)entry.Value!) ?? [],
        },
        Overridden = EurekaStatusNames.Parse((string?)instance["overriddenstatus"]),
    };

    public static long DirtyOf(JsonNode instance) =>
        (string?)instance["lastDirtyTimestamp"] is { } dirty ? long.Parse(dirty, CultureInfo.InvariantCulture) : 1;

    /// <summary>What was recorded and is not written by us in the same form.</summary>
    public static IEnumerable<string> Differences(JsonNode recorded, JsonNode ours, string path = "instance")
    {
        foreach (var (key, value) in recorded.AsObject())
        {
            var place = $"{path}.{key}";
            // Both times are one version here; the server keeps its own of the first.
            if (Dispensable.Contains(key) && path != "instance.dataCenterInfo" || key == "lastUpdatedTimestamp")
            {
                continue;
            }

            if (ours[key] is not { } written)
            {
                yield return $"{place} is not written";
            }
            else if (value is JsonObject)
            {
                foreach (var difference in Differences(value, written, place))
                {
                    yield return difference;
                }
            }
            else if (!JsonNode.DeepEquals(value, written))
            {
                yield return $"{place} is {written.ToJsonString()}, not {value?.ToJsonString()}";
            }
        }
    }

    private static int? PortOf(JsonNode? port) => (string?)port?["@enabled"] == "true" ? (int)port["$"]! : null;
}
