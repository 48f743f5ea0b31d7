using System.Text;
using System.Text.Json.Nodes;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Registration;

namespace Mesh.Client.Tests.Eureka;

internal static class TestInstance
{
    public static EurekaInstance Of(
        string id,
        RegistrationStatus status = RegistrationStatus.Up,
        string app = "ORDERS",
        string? host = "127.0.0.1",
        int port = 0,
        bool portEnabled = true,
        int securePort = 443,
        bool secureEnabled = false,
        bool deleted = false,
        string? ip = "10.0.0.9",
        string? vip = "orders",
        string? secureVip = null,
        string? dataCenterZone = null,
        long registered = 0,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        var fields = new InstanceFields
        {
            Id = Encoding.UTF8.GetBytes(id),
            HasHostName = host is not null,
            HostName = Encoding.UTF8.GetBytes(host ?? string.Empty),
            HasIPAddress = ip is not null,
            IPAddress = Encoding.UTF8.GetBytes(ip ?? string.Empty),
            Status = status,
            Deleted = deleted,
            // A port per id, so that instances are told apart by address as well.
            Port = new EurekaPort(port == 0 ? 5000 + id.Sum(c => c) : port, portEnabled),
            SecurePort = new EurekaPort(securePort, secureEnabled),
            LastDirty = registered,
        };
        return new EurekaInstance(fields, new EurekaNames(app, vip, secureVip), LabelMap.Of(metadata ?? []), dataCenterZone);
    }

    public static EurekaApplications Full(params EurekaInstance[] instances) => new(EurekaHash.Of(instances), instances);

    /// <summary>An answer in the form of a current server.</summary>
    public static string Json(string hash, params EurekaInstance[] instances) => new JsonObject
    {
        ["applications"] = new JsonObject
        {
            ["versions__delta"] = "1",
            ["apps__hashcode"] = hash,
            ["application"] = new JsonArray([.. instances.GroupBy(instance => instance.Key.App).Select(group => new JsonObject
            {
                ["name"] = group.Key,
                ["instance"] = new JsonArray([.. group.Select(Json)]),
            })]),
        },
    }.ToJsonString();

    public static string Json(params EurekaInstance[] instances) => Json(EurekaHash.Of(instances), instances);

    private static JsonObject Json(EurekaInstance instance) => new()
    {
        ["instanceId"] = instance.Key.Id,
        ["hostName"] = instance.HostName,
        ["app"] = instance.Key.App,
        ["ipAddr"] = instance.IPAddress,
        ["status"] = EurekaStatusNames.NameOf(instance.Status),
        ["port"] = new JsonObject { ["$"] = instance.Port.Number, ["@enabled"] = instance.Port.Enabled ? "true" : "false" },
        ["securePort"] = new JsonObject
        {
            ["$"] = instance.SecurePort.Number,
            ["@enabled"] = instance.SecurePort.Enabled ? "true" : "false",
        },
        ["vipAddress"] = instance.VipAddress,
        ["lastDirtyTimestamp"] = instance.LastDirty.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["metadata"] = new JsonObject([.. instance.Metadata.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))]),
        ["actionType"] = instance.Deleted ? "DELETED" : "ADDED",
    };
}
