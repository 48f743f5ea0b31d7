using Storefront.Roles;

namespace Storefront.Processes;

/// <summary>The configuration of the instances, on their command lines; an application of its own would have it in its
/// appsettings.json.</summary>
internal static class FleetSettings
{
    // The clocks are short, so that a minute shows what takes several with the defaults.
    private const string OneSecond = "00:00:01";

    public static string[] Registry() => [.. LogSettings.Arguments, "--Mesh:Registry:EvictionInterval", OneSecond];

    public static string[] Mesh(string service, Uri registry) =>
    [
        .. LogSettings.Arguments,
        "--Mesh:Service:Name", service,
        "--Mesh:Discovery:Eureka:ServiceUrls:0", registry.AbsoluteUri,
        "--Mesh:Discovery:Eureka:FetchInterval", OneSecond,
        "--Mesh:Discovery:Eureka:HeartbeatInterval", OneSecond,
        "--Mesh:Discovery:Eureka:LeaseDuration", "00:00:03",
        "--Mesh:Lifecycle:DrainDelay", "00:00:02",
    ];

    public static string[] Stock(int[] catalogPorts, int[] ordersPorts) =>
    [
        .. LogSettings.Arguments,
        "--Demo:Stock", "true",
        .. Endpoints(Role.Catalog, catalogPorts),
        .. Endpoints(Role.Orders, ordersPorts),
    ];

    private static IEnumerable<string> Endpoints(string service, int[] ports) =>
        ports.SelectMany((port, i) => new[] { $"--Services:{service}:http:{i}", $"http://127.0.0.1:{port}" });
}
