using System.Globalization;
using Mesh.Client.Faults.Deploy.Roles;
using Samples.Processes;

namespace Mesh.Client.Faults.Deploy.Fleet;

/// <summary>The configuration of registry, instances and caller; applications of their own would have it in their
/// appsettings.json.</summary>
internal static class FleetSettings
{
    private const string OneSecond = "00:00:01";

    public static string[] Registry(DeployScenario scenario) =>
    [
        .. Logging,
        .. scenario.Clocks == RegistryClocks.Stock
            ? new[] { "--Mesh:Registry:ResponseCache", "00:00:30" }
            : ["--Mesh:Registry:EvictionInterval", OneSecond],
    ];

    public static string[] Instance(
        DeployScenario scenario, DeployTimes times, DeployContender contender, string ledger, string instanceId, Uri? registry) =>
    [
        .. Logging,
        $"--{OrdersRole.LedgerKey}", ledger,
        .. scenario.Http2 ? new[] { "--Kestrel:EndpointDefaults:Protocols", "Http2" } : [],
        .. !contender.IsMesh ? [] : (string[])
        [
            $"--{OrdersRole.MeshKey}", "true",
            "--Mesh:Service:Name", Role.Orders,
            "--Mesh:Lifecycle:DrainDelay", times.DrainDelay.ToString("c", CultureInfo.InvariantCulture),
        ],
        .. registry is null ? [] : (string[])
        [
            "--Mesh:Discovery:Eureka:InstanceId", instanceId,
            // It calls nobody.
            "--Mesh:Discovery:Eureka:Fetch", "false",
            .. Eureka(scenario, registry).SelectMany(setting => new[] { "--" + setting.Key, setting.Value }),
        ],
    ];

    /// <summary>What the caller needs: the registry, or the addresses of the instances.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Caller(
        DeployScenario scenario, IReadOnlyList<ServiceProcess> instances, Uri? registry) =>
        registry is not null
            ? Eureka(scenario, registry).Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value))
            : instances.SelectMany(
                (instance, i) => Endpoint(instance.Address.GetLeftPart(UriPartial.Authority), i.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The same in the words of both sides.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> Endpoint(string address, string index) =>
    [
        new($"Services:{Role.Orders}:http:{index}", address),
        new($"Mesh:Services:{Role.Orders}:Endpoints:{index}", address),
    ];

    private static IEnumerable<KeyValuePair<string, string>> Eureka(DeployScenario scenario, Uri registry)
    {
        yield return new("Mesh:Discovery:Eureka:ServiceUrls:0", registry.AbsoluteUri);
        if (scenario.Clocks == RegistryClocks.Fast)
        {
            yield return new("Mesh:Discovery:Eureka:FetchInterval", OneSecond);
            yield return new("Mesh:Discovery:Eureka:HeartbeatInterval", OneSecond);
            yield return new("Mesh:Discovery:Eureka:LeaseDuration", "00:00:03");
        }
    }

    private static string[] Logging =>
    [
        "--Logging:LogLevel:Microsoft.AspNetCore", "Warning",
        "--Logging:LogLevel:System.Net.Http.HttpClient", "Warning",
        "--Logging:Console:FormatterName", "simple",
        "--Logging:Console:FormatterOptions:SingleLine", "true",
        "--Logging:Console:FormatterOptions:TimestampFormat", "HH:mm:ss.fff ",
    ];
}
