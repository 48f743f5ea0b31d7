namespace Mesh.Client.Faults.Deploy;

/// <summary>Everything that is tried: each case over both versions of HTTP.</summary>
internal static class KnownDeployScenarios
{
    public static readonly IReadOnlyList<DeployScenario> All =
    [
        .. Both(new() { Id = "restart", Title = "SIGTERM, same port, fast clocks" }),
        .. Both(new() { Id = "restart-stock-clocks", Title = "SIGTERM, same port, stock Eureka clocks", Clocks = RegistryClocks.Stock }),
        .. Both(new() { Id = "restart-registry-down", Title = "SIGTERM, same port, registry dead", RegistryDown = true }),
        .. Both(new() { Id = "restart-no-registry", Title = "SIGTERM, same port, addresses from configuration", NoRegistry = true }),
        .. Both(new() { Id = "move", Title = "SIGTERM, new port, fast clocks", NewPort = true }),
        .. Both(new() { Id = "kill", Title = "SIGKILL, same port, stock Eureka clocks", Clocks = RegistryClocks.Stock, Killed = true }),
    ];

    private static IEnumerable<DeployScenario> Both(DeployScenario scenario) =>
    [
        scenario with { Id = scenario.Id + "-http1", Title = scenario.Title + ", HTTP/1.1" },
        scenario with { Id = scenario.Id + "-http2", Title = scenario.Title + ", HTTP/2", Http2 = true },
    ];
}
