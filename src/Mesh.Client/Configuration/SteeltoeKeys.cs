using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Configuration;

/// <summary>Reads the keys of Steeltoe and Spring Cloud into what the mesh's own section leaves open, so that their applications migrate
/// without
/// touching their settings.</summary>
/// <remarks>What else stands in those sections belongs to others. What becomes of each key is in <see cref="SteeltoeKeyTable"/>: those
/// that do nothing are
/// logged at start, and three that would leave the application without its registry, or registered under a wrong address, are refused. So
/// is a value that cannot
/// be read, as by Steeltoe's binder: an application that says <c>ShouldRegisterWithEureka: no</c> must not be registered.</remarks>
internal static class SteeltoeKeys
{
    public const string ApplicationName = "Spring:Application:Name";
    public const string EurekaSection = "Eureka";
    public const string ServiceUrl = "Eureka:Client:ServiceUrl";
    public const string RegistrationMethod = "Eureka:Instance:RegistrationMethod";
    public const string SpringRegistrationMethod = "Spring:Cloud:Discovery:RegistrationMethod";
    private const string PropertyOfServiceUrl = "EurekaServerServiceUrls";
    private const string NameOfApplication = "Mesh:Service:Name";
    private const string Servers = "Discovery:Eureka:ServiceUrls";
    private const string ZoneServers = "Discovery:Eureka:ZoneServiceUrls";
    private const string OwnKeyOfProxy = "Discovery:Eureka:Proxy";

    public static void Apply(IConfiguration application, MeshOptions options)
    {
        ApplyClient(application, application.GetSection("Eureka:Client"), options.Discovery.Eureka);
        ApplyInstance(application.GetSection("Eureka:Instance"), options);
        options.Service.Name ??= Text(application, ApplicationName);

        // Steeltoe prefers the secure port: an application that moves must not go from TLS to plain text.
        options.Discovery.Eureka.PreferSecurePort ??= IsUsed(application) ? true : null;
        options.Discovery.Eureka.InstanceId ??= Text(application, "Spring:Application:Instance_Id");
    }

    /// <summary>The keys that an application must not start with.</summary>
    public static void Validate(IConfiguration application, IConfigurationSection mesh, Mistakes mistakes)
    {
        foreach (var key in SteeltoeKeyTable.All)
        {
            if (key.Effect == SteeltoeEffect.Refused && key.IsConcerned(application[key.Path]) && IsInForce(application, mesh)
                && (key.Path != SpringRegistrationMethod || application[RegistrationMethod] is null))
            {
                mistakes.Add(key.Path, $"{key.Says}.");
            }
        }

        ValidateValues(application, mesh, mistakes);
    }

    private static void ValidateValues(IConfiguration application, IConfigurationSection mesh, Mistakes mistakes)
    {
        var counts = IsEnabled(application) || HasServers(mesh);
        HashSet<string> read = new(StringComparer.Ordinal);
        foreach (var key in InOrder())
        {
            // The name is that of the application, with or without a registry.
            if (!counts && key.Says != NameOfApplication)
            {
                continue;
            }

            var own = OwnKey(key);
            if (key.Path.EndsWith(":*", StringComparison.Ordinal))
            {
                var entries = application.GetSection(key.Path[..^2]).GetChildren();
                foreach (var entry in entries.Where(entry => !mesh.GetSection($"{own}:{entry.Key}").Exists()))
                {
                    ValidateValue(key, entry.Path, entry.Value, mistakes);
                }
            }
            // Of several keys for one setting the first counts; a proxy has several parts.
            else if (!(key.Value?.Kind == KeyKind.Switch && own == Servers ? HasServers(mesh) : mesh.GetSection(own).Exists())
                && !string.IsNullOrWhiteSpace(application[key.Path])
                && (own == OwnKeyOfProxy || read.Add($"{own} {key.Value?.Kind}")))
            {
                ValidateValue(key, key.Path, application[key.Path], mistakes);
            }
        }
    }

    private static void ValidateValue(SteeltoeKey key, string path, string? value, Mistakes mistakes)
    {
        // Addresses are checked as such, each by itself.
        if (value is not null && (key.Value is not null || OwnKey(key) is not (Servers or ZoneServers)) && key.Check(value) is { } fault)
        {
            mistakes.Unreadable(path, fault);
        }
    }

    /// <summary>Those that work, in the order in which they count: Spring's are the last.</summary>
    private static IOrderedEnumerable<SteeltoeKey> InOrder() => SteeltoeKeyTable.All
        .Where(static known => known.Effect == SteeltoeEffect.Works)
        .OrderBy(static known => known.Path.StartsWith("Spring", StringComparison.Ordinal));

    /// <summary>The mesh's key that it counts as, below the mesh's section.</summary>
    private static string OwnKey(SteeltoeKey key) => key.Says[(MeshOptions.SectionName.Length + 1)..];

    /// <summary>Whether the mesh's own section names registries.</summary>
    private static bool HasServers(IConfigurationSection mesh) =>
        mesh.GetSection(Servers).GetChildren().Any() || mesh.GetSection(ZoneServers).GetChildren().Any();

    /// <summary>Whether the application has settings for Steeltoe's Eureka client.</summary>
    public static bool IsUsed(IConfiguration application) =>
        application.GetSection("Eureka:Client").Exists() || application.GetSection("Eureka:Instance").Exists();

    /// <summary>Whether the application would have a registry with Steeltoe, which assumes an address, and has none here.</summary>
    public static bool LacksRegistry(IConfiguration application, EurekaOptions eureka) =>
        IsUsed(application)
        && IsEnabled(application)
        && (eureka.Fetch != false || eureka.Register != false)
        && eureka.ServiceUrls.Count == 0
        && eureka.ZoneServiceUrls.Count == 0;

    /// <summary>The key that was written for a key of the mesh: Steeltoe's, where the value comes from there.</summary>
    public static string Written(IConfiguration application, IConfigurationSection mesh, string key)
    {
        if (!key.StartsWith(mesh.Path + ":", StringComparison.OrdinalIgnoreCase)
            || key[(mesh.Path.Length + 1)..] is var own && mesh.GetSection(own).Exists())
        {
            return key;
        }

        foreach (var known in InOrder())
        {
            var says = OwnKey(known);
            if (own.Equals(says, StringComparison.OrdinalIgnoreCase))
            {
                if (!string.IsNullOrWhiteSpace(application[known.Path]))
                {
                    return known.Path;
                }
            }
            else if (known.Path.EndsWith(":*", StringComparison.Ordinal) && own.StartsWith(says + ":", StringComparison.OrdinalIgnoreCase))
            {
                var entry = known.Path[..^1] + own[(says.Length + 1)..];
                if (application[entry] is not null || application[entry[..entry.LastIndexOf(':')]] is not null)
                {
                    return entry;
                }
            }
        }

        return key;
    }

    /// <summary>Whether the registry is the one that Steeltoe's keys name.</summary>
    private static bool IsInForce(IConfiguration application, IConfigurationSection mesh) =>
        IsEnabled(application)
        && (application.GetSection(ServiceUrl).Exists() || application[$"Eureka:Client:{PropertyOfServiceUrl}"] is not null)
        && !HasServers(mesh);

    private static bool IsEnabled(IConfiguration application) =>
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
        eureka.Proxy ??= Proxy(client.GetSection("EurekaServer")) ?? Proxy(client);
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
        eureka.IPAddress ??= Text(instance, "IPAddress");
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

    private static void ApplyPorts(IConfigurationSection instance, EurekaOptions eureka)
    {
        var port = Port(instance, "Port") ?? Port(instance, "NonSecurePort");
        var securePort = Port(instance, "SecurePort");
        eureka.Port ??= port;
        eureka.SecurePort ??= securePort;

        // Without a port of its own Steeltoe, too, enables what the server listens on, whatever the switches say.
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

    private static string? Proxy(IConfigurationSection server)
    {
        if (Text(server, "ProxyHost") is not { } host)
        {
            return null;
        }

        var user = Text(server, "ProxyUserName") is { } name
            ? $"{Uri.EscapeDataString(name)}:{Uri.EscapeDataString(server["ProxyPassword"] ?? string.Empty)}@"
            : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"http://{user}{host}:{Port(server, "ProxyPort") ?? 80}");
    }

    private static List<string> List(string? text) =>
        [.. (text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
            .Distinct(StringComparer.OrdinalIgnoreCase)];

    private static string? Text(IConfiguration section, string key) => string.IsNullOrWhiteSpace(section[key]) ? null : section[key];

    private static bool? Switch(IConfiguration section, string key) => bool.TryParse(section[key], out var value) ? value : null;

    private static int? Whole(IConfiguration section, string key) =>
        int.TryParse(section[key], NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A port that is 0 or below is Steeltoe's way to have none.</summary>
    private static int? Port(IConfiguration section, string key) => Whole(section, key) is > 0 and var port ? port : null;

    /// <summary>A time of 0 or below is a mistake, which the check of the options finds.</summary>
    private static TimeSpan? Seconds(IConfiguration section, string key) =>
        Whole(section, key) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
