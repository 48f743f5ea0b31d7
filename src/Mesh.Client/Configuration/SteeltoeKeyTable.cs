using Mesh.Client.Options;
using static Mesh.Client.Configuration.SteeltoeEffect;

namespace Mesh.Client.Configuration;

/// <summary>Every key that Steeltoe's Eureka client reads, in its versions 3 and 4, and those of Spring that its documentation names. A
/// test holds it against the page.</summary>
/// <remarks>Version 3 also binds the properties of its options under their own names: these follow the documented key that means the
/// same.</remarks>
internal static class SteeltoeKeyTable
{
    private const string Client = "Eureka:Client:";
    private const string Instance = "Eureka:Instance:";
    private const string Own = "Mesh:Discovery:Eureka:";
    private const string TriedOnce = "a request is tried once at each server, and the next round waits longer each time";
    private const string AlwaysInterfaces = "the address is always taken from the network interfaces; set HostName for another name than "
        + "the machine's";

    private const string CloudFoundry = "routes and container addresses of Cloud Foundry are not read. Set HostName and Port, or "
        + "PreferIPAddress, and 'hostname' here";

    public static readonly SteeltoeKey[] All =
    [
        new("Spring:Application:Name", Works, "Mesh:Service:Name"),
        new("Spring:Application:Instance_Id", Works, Own + "InstanceId"),
        new("Spring:Cloud:Discovery:Enabled", Works, Own + "ServiceUrls", Value: KeySchema.Switch),
        new(SteeltoeKeys.SpringRegistrationMethod, Refused, CloudFoundry, IsOtherThanHostName),
        new("Spring:Cloud:Inet:IgnoredInterfaces", NoEffect, "the first address that is not loopback is taken; set IPAddress for another"),
        new("Spring:Cloud:Inet:PreferredNetworks", NoEffect, "the first address that is not loopback is taken; set IPAddress for another"),
        new(Client + "Enabled", Works, Own + "ServiceUrls", Value: KeySchema.Switch),
        new(Client + "ServiceUrl", Works, Own + "ServiceUrls"),
        new(Client + "ServiceUrl:defaultZone", Works, Own + "ServiceUrls"),
        new(Client + "ServiceUrl:*", Works, Own + "ZoneServiceUrls"),
        new(Client + "EurekaServerServiceUrls", Works, Own + "ServiceUrls"),
        new(Client + "PreferSameZoneEureka", Works, Own + "PreferSameZone", Value: KeySchema.Switch),
        new(Client + "ShouldFetchRegistry", Works, Own + "Fetch", Value: KeySchema.Switch),
        new(Client + "ShouldRegisterWithEureka", Works, Own + "Register", Value: KeySchema.Switch),
        new(Client + "ShouldDisableDelta", Works, Own + "Delta", Value: KeySchema.Switch),
        new(Client + "RegistryFetchIntervalSeconds", Works, Own + "FetchInterval", Value: KeySchema.WholeNumber),
        new(Client + "RegistryRefreshSingleVipAddress", Works, Own + "Vips"),
        new(Client + "EurekaServer:ConnectTimeoutSeconds", Works, Own + "RequestTimeout", Value: KeySchema.WholeNumber),
        new(Client + "EurekaServerConnectTimeoutSeconds", Works, Own + "RequestTimeout", Value: KeySchema.WholeNumber),
        new(Client + "EurekaServer:ProxyHost", Works, Own + "Proxy"),
        new(Client + "EurekaServer:ProxyPort", Works, Own + "Proxy", Value: KeySchema.WholeNumber),
        new(Client + "EurekaServer:ProxyUserName", Works, Own + "Proxy"),
        new(Client + "EurekaServer:ProxyPassword", Works, Own + "Proxy"),
        new(Client + "ProxyHost", Works, Own + "Proxy"),
        new(Client + "ProxyPort", Works, Own + "Proxy", Value: KeySchema.WholeNumber),
        new(Client + "ProxyUserName", Works, Own + "Proxy"),
        new(Client + "ProxyPassword", Works, Own + "Proxy"),
        new(Client + "Health:CheckEnabled", Works, Own + "Health:Enabled", Value: KeySchema.Switch),
        new(Client + "HealthCheckEnabled", Works, Own + "Health:Enabled", Value: KeySchema.Switch),
        new(Client + "EurekaServer:RetryCount", NoEffect, TriedOnce),
        new(Client + "EurekaServerRetryCount", NoEffect, TriedOnce),
        new(Client + "AllowRedirects", NoEffect, "no redirect is followed: it could carry the credentials elsewhere", IsTrue),
        new(Client + "EurekaServer:ShouldGZipContent", NoEffect, "compressed answers are always accepted", IsFalse),
        new(Client + "ShouldGZipContent", NoEffect, "compressed answers are always accepted", IsFalse),
        new(Client + "ShouldFilterOnlyUpInstances", NoEffect, "only instances that are UP are ever called", IsFalse),
        new(Client + "ShouldOnDemandUpdateStatusChange", NoEffect, "changes of the status are always sent at once", IsFalse),
        new(Client + "InstanceInfoReplicationIntervalSeconds", NoEffect, "changes are sent at once"),
        new(Client + "CacheTTL", NoEffect, "instances are read with each fetch: set Mesh:Discovery:Eureka:FetchInterval"),
        new(Client + "Validate_Certificates", NoEffect, "certificates are always checked: name the registry's authority in "
            + "Mesh:Discovery:Eureka:CaFile", IsFalse),
        new(Client + "ValidateCertificates", NoEffect, "certificates are always checked: name the registry's authority in "
            + "Mesh:Discovery:Eureka:CaFile", IsFalse),
        new(Client + "Health:Enabled", NoEffect, "no health check asks for the registry, so that its failure spreads to no application: "
            + "watch the metric mesh.registry.age", IsTrue),
        new(Client + "HealthContribEnabled", NoEffect, "no health check asks for the registry, so that its failure spreads to no "
            + "application: watch the metric mesh.registry.age", IsTrue),
        new(Client + "Health:MonitoredApps", NoEffect, "no health check looks at other services, so that their failure does not spread"),
        new(Client + "HealthMonitoredApps", NoEffect, "no health check looks at other services, so that their failure does not spread"),
        new(Client + "AccessTokenUri", Refused, "no OAuth2 token is fetched for the registry. Use user and password in its address, or "
            + "put a proxy in front of it that adds the token"),
        new(Client + "ClientId", NoEffect, "no OAuth2 token is fetched for the registry"),
        new(Client + "ClientSecret", NoEffect, "no OAuth2 token is fetched for the registry"),
        new(
            "Certificates:Eureka:CertificateFilePath",
            NoEffect,
            "no client certificate is sent to the registry. Use user and password in its address"),
        new(
            "Certificates:Eureka:PrivateKeyFilePath",
            NoEffect,
            "no client certificate is sent to the registry. Use user and password in its address"),

        new(Instance + "AppName", Works, "Mesh:Service:Name"),
        new(Instance + "AppGroup", Works, Own + "AppGroup"),
        new(Instance + "AppGroupName", Works, Own + "AppGroup"),
        new(Instance + "InstanceId", Works, Own + "InstanceId"),
        new(Instance + "HostName", Works, Own + "HostName"),
        new(Instance + "IPAddress", Works, Own + "IPAddress"),
        new(Instance + "PreferIPAddress", Works, Own + "PreferIPAddress", Value: KeySchema.Switch),
        new(Instance + "Port", Works, Own + "Port", Value: KeySchema.WholeNumber),
        new(Instance + "NonSecurePort", Works, Own + "Port", Value: KeySchema.WholeNumber),
        new(Instance + "NonSecurePortEnabled", Works, Own + "PortEnabled", Value: KeySchema.Switch),
        new(Instance + "IsNonSecurePortEnabled", Works, Own + "PortEnabled", Value: KeySchema.Switch),
        new(Instance + "SecurePort", Works, Own + "SecurePort", Value: KeySchema.WholeNumber),
        new(Instance + "SecurePortEnabled", Works, Own + "SecurePortEnabled", Value: KeySchema.Switch),
        new(Instance + "VipAddress", Works, Own + "VipAddress"),
        new(Instance + "SecureVipAddress", Works, Own + "SecureVipAddress"),
        new(Instance + "VirtualHostName", Works, Own + "VipAddress"),
        new(Instance + "SecureVirtualHostName", Works, Own + "SecureVipAddress"),
        new(Instance + "LeaseRenewalIntervalInSeconds", Works, Own + "HeartbeatInterval", Value: KeySchema.WholeNumber),
        new(Instance + "LeaseExpirationDurationInSeconds", Works, Own + "LeaseDuration", Value: KeySchema.WholeNumber),
        new(Instance + "MetadataMap:*", Works, Own + "Metadata"),
        new(Instance + "HomePageUrl", Works, Own + "HomePageUrl"),
        new(Instance + "HomePageUrlPath", Works, Own + "HomePageUrl"),
        new(Instance + "StatusPageUrl", Works, Own + "StatusPageUrl"),
        new(Instance + "StatusPageUrlPath", Works, Own + "StatusPageUrl"),
        new(Instance + "HealthCheckUrl", Works, Own + "HealthCheckUrl"),
        new(Instance + "HealthCheckUrlPath", Works, Own + "HealthCheckUrl"),
        new(Instance + "SecureHealthCheckUrl", Works, Own + "SecureHealthCheckUrl"),
        new(Instance + "AsgName", Works, Own + "AutoScalingGroup"),
        new(Instance + "DataCenterInfo:Name", Works, Own + "DataCenter:Name", Value: KeySchema.OneOf<EurekaDataCenter>()),
        new(Instance + "InstanceEnabledOnInit", Works, Own + "UpAtStart", Value: KeySchema.Switch),
        new(Instance + "IsInstanceEnabledOnInit", Works, Own + "UpAtStart", Value: KeySchema.Switch),
        new(Instance + "UseAspNetCoreUrls", NoEffect,
            "the ports are those that the server listens on, unless Port or SecurePort is set", IsFalse),
        new(Instance + "UseNetworkInterfaces", NoEffect, AlwaysInterfaces, IsTrue),
        new(Instance + "UseNetUtils", NoEffect, AlwaysInterfaces, IsTrue),
        new(Instance + "DefaultAddressResolutionOrder", NoEffect, "the address is always taken from the network interfaces"),
        new(SteeltoeKeys.RegistrationMethod, Refused, CloudFoundry, IsOtherThanHostName),
    ];

    private static bool IsOtherThanHostName(string value) => !value.Equals("hostname", StringComparison.OrdinalIgnoreCase);

    private static bool IsTrue(string value) => bool.TryParse(value, out var parsed) && parsed;

    private static bool IsFalse(string value) => bool.TryParse(value, out var parsed) && !parsed;
}
