using Identity.Leaks;
using Identity.Roles;

namespace Identity;

/// <summary>The configuration of the processes, on their command lines; an application of its own would have it in its
/// appsettings.json.</summary>
internal static class FleetSettings
{
    public static string[] Issuer() => ["--Logging:LogLevel:OpenIddict", "Warning"];

    /// <summary>What all services have.</summary>
    /// <param name="fleet">The processes.</param>
    /// <param name="service">Its name.</param>
    /// <param name="environment">In Development, tokens may go to loopback in plain text.</param>
    public static string[] Service(Fleet fleet, string service, string environment) =>
    [
        "--environment", environment,
        "--Mesh:Service:Name", service,

        // Not less than the user's patience, so that the time which is left is all the user's.
        "--Mesh:Defaults:Timeout", $"{Kiosk.Patience}",
        $"--{UserTokens.AuthorityKey}", fleet.Issuer.Address.AbsoluteUri,
        $"--{HeaderCopy.Key}", $"{fleet.Naive}",
    ];

    public static string[] Orders(Fleet fleet) =>
        [.. Service(fleet, Role.Orders, "Development"), .. Calls(fleet, Role.Payments, fleet.Payments)];

    public static string[] Storefront(Fleet fleet, string environment) =>
    [
        .. Service(fleet, Role.Storefront, environment),
        .. Calls(fleet, Role.Orders, fleet.Orders),
        .. Calls(fleet, Role.Audit, fleet.Audit),
        .. Calls(fleet, LeakEndpoints.Vault, fleet.Audit),
        $"--{LeakEndpoints.StrangerKey}", fleet.Stranger.Address.AbsoluteUri,
    ];

    /// <summary>A service that is called with the user's token.</summary>
    private static string[] Calls(Fleet fleet, string service, ServiceProcess endpoint)
    {
        string[] endpoints = [$"--Mesh:Services:{service}:Endpoints:0", endpoint.Address.AbsoluteUri];
        string[] credentials =
        [
            $"--Mesh:Services:{service}:Credentials:Mode",
            "Propagate",
            $"--Mesh:Services:{service}:Credentials:Audience",
            service,
        ];
        return fleet.Naive ? endpoints : [.. endpoints, .. credentials];
    }
}
