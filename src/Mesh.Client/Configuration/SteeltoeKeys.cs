using System.Globalization;
using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Registration;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Configuration;

/// <summary>Reads the keys of Steeltoe and Spring Cloud wherever the mesh's own section sets nothing, so that applications migrate without
/// touching their settings.</summary>
/// <remarks>Other keys in those sections belong to other software. <see cref="SteeltoeKeyTable"/> says what becomes of each key. Keys
/// without an effect are logged at start. Three keys are refused that would leave the application without its registry, or registered under
/// a wrong address. So is a value that cannot be read, as by Steeltoe's binder: an application that says <c>ShouldRegisterWithEureka:
/// no</c> must not be registered.</remarks>
internal static class SteeltoeKeys
{
    public const string ApplicationName = "Spring:Application:Name";
    public const string EurekaSection = "Eureka";
    public const string ServiceUrl = "Eureka:Client:ServiceUrl";
    public const string RegistrationMethod = "Eureka:Instance:RegistrationMethod";
    public const string SpringRegistrationMethod = "Spring:Cloud:Discovery:RegistrationMethod";
    public const string PropertyOfServiceUrl = "EurekaServerServiceUrls";
    public const string AddressOfInstance = "Eureka:Instance:IPAddress";
    public const string NameOfApplication = "Mesh:Service:Name";
    public const string Servers = "Discovery:Eureka:ServiceUrls";
    public const string ZoneServers = "Discovery:Eureka:ZoneServiceUrls";
    public const string OwnKeyOfProxy = "Discovery:Eureka:Proxy";
    public const string ProxyHost = "ProxyHost";
    public const string ProxyPort = "ProxyPort";
    public const int HighestPort = 65_535;
    private static readonly string[] PlacesOfProxy = ["Eureka:Client:EurekaServer", "Eureka:Client"];

    public static void Apply(IConfiguration application, MeshOptions options)
    {
        ApplyClient(application, application.GetSection("Eureka:Client"), options.Discovery.Eureka);
        ApplyInstance(application.GetSection("Eureka:Instance"), options);
        options.Service.Name ??= Text(application, ApplicationName);

        // Steeltoe prefers the secure port: a migrated application must not fall back from TLS to plain text.
        options.Discovery.Eureka.PreferSecurePort ??= IsUsed(application) ? true : null;
        options.Discovery.Eureka.InstanceId ??= Text(application, "Spring:Application:Instance_Id");
    }

    /// <summary>The keys that have an effect, in order of precedence: Spring's are the last.</summary>
    public static IOrderedEnumerable<SteeltoeKey> InOrder() => SteeltoeKeyTable.All
        .Where(static known => known.Effect == SteeltoeEffect.Works)
        .OrderBy(static known => known.Path.StartsWith("Spring", StringComparison.Ordinal));

    /// <summary>The mesh's key that it counts as, below the mesh's section.</summary>
    public static string OwnKey(SteeltoeKey key) => key.Says[(MeshOptions.SectionName.Length + 1)..];

    /// <summary>Whether the mesh's own section names registries.</summary>
    public static bool HasServers(IConfigurationSection mesh) =>
        HasValue(mesh.GetSection(Servers)) || HasValue(mesh.GetSection(ZoneServers));

    private static bool HasValue(IConfigurationSection section) =>
        section.AsEnumerable().Any(static pair => !string.IsNullOrWhiteSpace(pair.Value));

    /// <summary>Whether the application has settings for Steeltoe's Eureka client.</summary>
    public static bool IsUsed(IConfiguration application) =>
        application.GetSection("Eureka:Client").Exists() || application.GetSection("Eureka:Instance").Exists();

    /// <summary>Whether Steeltoe would assume a default registry address, and the mesh has none.</summary>
    public static bool LacksRegistry(IConfiguration application, EurekaOptions eureka) =>
        IsUsed(application)
        && IsEnabled(application)
        && (eureka.Fetch != false || eureka.Register != false)
        && eureka.ServiceUrls.Count == 0
        && eureka.ZoneServiceUrls.Count == 0;

    public static bool IsEnabled(IConfiguration application) =>
        (Switch(application, "Eureka:Client:Enabled") ?? Switch(application, "Spring:Cloud:Discovery:Enabled")) != false;

    /// <remarks>Steeltoe's version 3 binds the properties of its options under their own names, too, beside the names that its
    /// documentation gives.</remarks>
    private static void ApplyClient(IConfiguration application, IConfigurationSection client, EurekaOptions eureka)
    {
        // Registries configured for the mesh are meant for the mesh, whatever Steeltoe's switch says.
        if (eureka.ServiceUrls.Count == 0 && eureka.ZoneServiceUrls.Count == 0 && IsEnabled(application))
        {
            ApplyServers(client.GetSection("ServiceUrl"), eureka);
            if (eureka.ServiceUrls.Count == 0 && eureka.ZoneServiceUrls.Count == 0)
            {
                eureka.ServiceUrls = List(client[PropertyOfServiceUrl]);
            }
        }

        eureka.PreferSameZone ??= Switch(client, "PreferSameZoneEureka");
        eureka.Fetch ??= Switch(client, "ShouldFetchRegistry");
        eureka.Register ??= Switch(client, "ShouldRegisterWithEureka");
        eureka.Delta ??= !Switch(client, "ShouldDisableDelta");
        eureka.FetchInterval ??= Seconds(client, "RegistryFetchIntervalSeconds");
        eureka.RequestTimeout ??= Seconds(
            client, "EurekaServer:ConnectTimeoutSeconds") ?? Seconds(client, "EurekaServerConnectTimeoutSeconds");
        eureka.Proxy ??= Proxy(ProxySection(application));
        eureka.Health.Enabled ??= Switch(client, "Health:CheckEnabled") ?? Switch(client, "HealthCheckEnabled");
        if (eureka.Vips.Count == 0 && eureka.Apps.Count == 0)
        {
            eureka.Vips = List(client["RegistryRefreshSingleVipAddress"]);
        }
    }

    /// <summary>One text of addresses, as in Steeltoe, or one for each zone, as in Spring.</summary>
    private static void ApplyServers(IConfigurationSection section, EurekaOptions eureka)
    {
        eureka.ServiceUrls = List(section.Value ?? section["defaultZone"]);
        foreach (var zone in section.GetChildren())
        {
            if (!zone.Key.Equals("defaultZone", StringComparison.OrdinalIgnoreCase) && List(zone.Value) is { Count: > 0 } urls)
            {
                eureka.ZoneServiceUrls[zone.Key] = urls;
            }
        }
    }

    private static void ApplyInstance(IConfigurationSection instance, MeshOptions options)
    {
        var eureka = options.Discovery.Eureka;
        options.Service.Name ??= Text(instance, "AppName");
        eureka.InstanceId ??= Text(instance, "InstanceId");
        eureka.HostName ??= Text(instance, "HostName");
        eureka.IPAddress ??= Address(Text(instance, "IPAddress"));
        eureka.PreferIPAddress ??= Switch(instance, "PreferIPAddress");
        eureka.HeartbeatInterval ??= Seconds(instance, "LeaseRenewalIntervalInSeconds");
        eureka.LeaseDuration ??= Seconds(instance, "LeaseExpirationDurationInSeconds");
        ApplyPorts(instance, eureka);
        ApplyFields(instance, eureka);
        foreach (var entry in instance.GetSection("MetadataMap").GetChildren())
        {
            if (entry.Value is { } value)
            {
                eureka.Metadata.TryAdd(entry.Key, value);
            }
        }

        options.Service.Zone ??= Text(instance, "MetadataMap:zone");
    }

    /// <summary>Steeltoe takes any text, and its guide writes <c>localhost</c>. That is an address; another name stays as it is.</summary>
    private static string? Address(string? text) =>
        text?.Trim() is not { } host ? null
        : !IPAddress.TryParse(host, out _) && EndpointPolicy.IsLoopbackHost(host) ? "127.0.0.1"
        : host;

    private static void ApplyPorts(IConfigurationSection instance, EurekaOptions eureka)
    {
        var port = Port(instance, "Port") ?? Port(instance, "NonSecurePort");
        var securePort = Port(instance, "SecurePort");
        eureka.Port ??= port;
        eureka.SecurePort ??= securePort;

        // Steeltoe, too, enables what the server listens on if no port is configured, whatever the switches say.
        var configured = port is not null || securePort is not null;
        eureka.PortEnabled ??= (Switch(instance, "NonSecurePortEnabled") ?? Switch(instance, "IsNonSecurePortEnabled")) is { } plain
            && (plain || configured)
            ? plain
            : null;
        eureka.SecurePortEnabled ??= Switch(instance, "SecurePortEnabled") is { } secure && (secure || configured) ? secure : null;
    }

    private static void ApplyFields(IConfigurationSection instance, EurekaOptions eureka)
    {
        eureka.VipAddress ??= Text(instance, "VipAddress") ?? Text(instance, "VirtualHostName");
        eureka.SecureVipAddress ??= Text(instance, "SecureVipAddress") ?? Text(instance, "SecureVirtualHostName");
        eureka.AppGroup ??= Text(instance, "AppGroup") ?? Text(instance, "AppGroupName");
        eureka.AutoScalingGroup ??= Text(instance, "AsgName");
        eureka.HomePageUrl ??= Text(instance, "HomePageUrl") ?? Text(instance, "HomePageUrlPath");
        eureka.StatusPageUrl ??= Text(instance, "StatusPageUrl") ?? Text(instance, "StatusPageUrlPath");
        eureka.HealthCheckUrl ??= Text(instance, "HealthCheckUrl") ?? Text(instance, "HealthCheckUrlPath");
        eureka.SecureHealthCheckUrl ??= Text(instance, "SecureHealthCheckUrl");
        eureka.UpAtStart ??= Switch(instance, "InstanceEnabledOnInit") ?? Switch(instance, "IsInstanceEnabledOnInit");
        eureka.DataCenter.Name ??= Enum.TryParse<EurekaDataCenter>(Text(instance, "DataCenterInfo:Name"), ignoreCase: true, out var center)
            && Enum.IsDefined(center)
            ? center
            : null;
    }

    /// <summary>The section that counts of the two places for a proxy; null for none.</summary>
    public static IConfigurationSection? ProxySection(IConfiguration application) =>
        PlacesOfProxy
            .Select(application.GetSection)
            .FirstOrDefault(static section => Text(section, ProxyHost) is not null);

    /// <summary>Also null where a part is a mistake, which the check of the parts finds.</summary>
    private static string? Proxy(IConfigurationSection? section)
    {
        if (section is null || !IsHost(section[ProxyHost]!) || Port(section, ProxyPort) > HighestPort)
        {
            return null;
        }

        var user = Text(section, "ProxyUserName") is { } name
            ? $"{Uri.EscapeDataString(name)}:{Uri.EscapeDataString(section["ProxyPassword"] ?? string.Empty)}@"
            : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture, $"http://{user}{Hosts.Of(section[ProxyHost]!.Trim())}:{Port(section, ProxyPort) ?? 80}");
    }

    /// <summary>Whether a name stands in place of the address of the instance, and is not registered: only with PreferIPAddress does the
    /// address take the place of the host name. The mesh's own key takes no name.</summary>
    public static bool HasNameWithoutEffect(EurekaOptions eureka) =>
        eureka is { IPAddress: { } address, Register: not false, PreferIPAddress: not true } && !IPAddress.TryParse(address, out _);

    public static bool IsHost(string text) => Uri.CheckHostName(text.Trim()) != UriHostNameType.Unknown;

    public static List<string> List(string? text) =>
        [.. (text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
            .Distinct(StringComparer.OrdinalIgnoreCase)];

    public static string? Text(IConfiguration section, string key) => string.IsNullOrWhiteSpace(section[key]) ? null : section[key];

    private static bool? Switch(IConfiguration section, string key) => bool.TryParse(section[key], out var value) ? value : null;

    public static int? Whole(IConfiguration section, string key) =>
        int.TryParse(section[key], NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A port that is 0 or below is Steeltoe's way to have none.</summary>
    public static int? Port(IConfiguration section, string key) => Whole(section, key) is > 0 and var port ? port : null;

    /// <summary>A time of 0 or below is a mistake, which the check of the options finds.</summary>
    private static TimeSpan? Seconds(IConfiguration section, string key) =>
        Whole(section, key) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
