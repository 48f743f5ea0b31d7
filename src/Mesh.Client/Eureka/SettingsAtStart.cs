using Mesh.Client.Options;

namespace Mesh.Client.Eureka;

/// <summary>The settings that a registration reads once, when it begins.</summary>
internal static class SettingsAtStart
{
    /// <summary>Settings that decide whether there is a registration at all.</summary>
    private static readonly (string Key, Func<MeshOptions, object?> Value)[] Joining =
    [
        ("Lifecycle:RegisterWhen", static options => options.Lifecycle.RegisterWhen),
        Eureka("Register", static eureka => eureka.Register ?? true),
    ];

    /// <summary>Settings of its content. Metadata are not among them: they follow a reload.</summary>
    private static readonly (string Key, Func<MeshOptions, object?> Value)[] Content =
    [
        ("Service:Name", static options => options.Service.Name),
        Eureka("InstanceId", static eureka => eureka.InstanceId),
        Eureka("HostName", static eureka => eureka.HostName),
        Eureka("IPAddress", static eureka => eureka.IPAddress),
        Eureka("PreferIPAddress", static eureka => eureka.PreferIPAddress ?? false),
        Eureka("Port", static eureka => eureka.Port),
        Eureka("PortEnabled", static eureka => eureka.PortEnabled),
        Eureka("SecurePort", static eureka => eureka.SecurePort),
        Eureka("SecurePortEnabled", static eureka => eureka.SecurePortEnabled),
        Eureka("VipAddress", static eureka => eureka.VipAddress),
        Eureka("SecureVipAddress", static eureka => eureka.SecureVipAddress),
        Eureka("AppGroup", static eureka => eureka.AppGroup),
        Eureka("AutoScalingGroup", static eureka => eureka.AutoScalingGroup),
        Eureka("HomePageUrl", static eureka => eureka.HomePageUrl),
        Eureka("StatusPageUrl", static eureka => eureka.StatusPageUrl),
        Eureka("HealthCheckUrl", static eureka => eureka.HealthCheckUrl),
        Eureka("SecureHealthCheckUrl", static eureka => eureka.SecureHealthCheckUrl),
        Eureka("DataCenter:Name", static eureka => eureka.DataCenter.Name ?? EurekaDataCenter.MyOwn),
        Eureka("DataCenter:Metadata", static eureka => string.Join('\n', eureka.DataCenter.Metadata.Select(
            static entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal))),
        ("Discovery:Eureka:HeartbeatInterval", static options => EurekaSettings.From(options.Discovery).HeartbeatInterval),
        ("Discovery:Eureka:LeaseDuration", static options => EurekaSettings.From(options.Discovery).LeaseDuration),
        Eureka("UpAtStart", static eureka => eureka.UpAtStart ?? true),
    ];

    /// <summary>The keys of the settings that differ, without the name of the section.</summary>
    /// <param name="atStart">The settings that the application started with.</param>
    /// <param name="now">The settings in force.</param>
    /// <param name="registered">Whether there is a registration that keeps its content.</param>
    public static IEnumerable<string> Changed(MeshOptions atStart, MeshOptions now, bool registered) =>
        from setting in registered ? [.. Content, .. Joining] : Joining
        where !Equals(setting.Value(atStart), setting.Value(now))
        select setting.Key;

    private static (string Key, Func<MeshOptions, object?> Value) Eureka(string key, Func<EurekaOptions, object?> value) =>
        ($"Discovery:Eureka:{key}", options => value(options.Discovery.Eureka));
}
