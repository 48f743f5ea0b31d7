namespace Mesh.Registry.Wire;

/// <summary>The names of the protocol that are written.</summary>
internal static class WireNames
{
    public static readonly WireName Applications = new("applications");
    public static readonly WireName Version = new("versions__delta");
    public static readonly WireName Hash = new("apps__hashcode");
    public static readonly WireName Application = new("application");
    public static readonly WireName Name = new("name");
    public static readonly WireName Instance = new("instance");
    public static readonly WireName InstanceId = new("instanceId");
    public static readonly WireName HostName = new("hostName");
    public static readonly WireName App = new("app");
    public static readonly WireName IpAddress = new("ipAddr");
    public static readonly WireName Sid = new("sid");
    public static readonly WireName Status = new("status");

    // Two spellings, as on a real server.
    public static readonly WireName OverriddenStatus = new("overriddenstatus", "overriddenStatus");
    public static readonly WireName Port = new("port");
    public static readonly WireName SecurePort = new("securePort");
    public static readonly WireName CountryId = new("countryId");
    public static readonly WireName DataCenter = new("dataCenterInfo");
    public static readonly WireName Lease = new("leaseInfo");
    public static readonly WireName RenewalInterval = new("renewalIntervalInSecs");
    public static readonly WireName Duration = new("durationInSecs");
    public static readonly WireName RegisteredAt = new("registrationTimestamp");
    public static readonly WireName LastRenewalAt = new("lastRenewalTimestamp");
    public static readonly WireName EvictedAt = new("evictionTimestamp");
    public static readonly WireName ServiceUpAt = new("serviceUpTimestamp");
    public static readonly WireName Metadata = new("metadata");
    public static readonly WireName AppGroupName = new("appGroupName");
    public static readonly WireName HomePageUrl = new("homePageUrl");
    public static readonly WireName StatusPageUrl = new("statusPageUrl");
    public static readonly WireName HealthCheckUrl = new("healthCheckUrl");
    public static readonly WireName SecureHealthCheckUrl = new("secureHealthCheckUrl");
    public static readonly WireName VipAddress = new("vipAddress");
    public static readonly WireName SecureVipAddress = new("secureVipAddress");
    public static readonly WireName IsCoordinating = new("isCoordinatingDiscoveryServer");
    public static readonly WireName LastUpdatedAt = new("lastUpdatedTimestamp");
    public static readonly WireName LastDirtyAt = new("lastDirtyTimestamp");
    public static readonly WireName ActionType = new("actionType");
    public static readonly WireName AsgName = new("asgName");
}
