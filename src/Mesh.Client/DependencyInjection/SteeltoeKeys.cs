using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.DependencyInjection;

/// <summary>Reads the keys of Steeltoe and Spring Cloud into what the mesh's own section leaves open, so that their applications migrate without
/// touching their settings.</summary>
/// <remarks>Never policed: those sections hold much that belongs to others, and a value that cannot be read counts as not set.</remarks>
internal static class SteeltoeKeys
{
    public const string ApplicationName = "Spring:Application:Name";
    public const string EurekaSection = "Eureka";
    public const string ServiceUrl = "Eureka:Client:ServiceUrl";

    public static void Apply(IConfiguration application, MeshOptions options)
    {
        ApplyClient(application.GetSection("Eureka:Client"), options.Discovery.Eureka);
        ApplyInstance(application.GetSection("Eureka:Instance"), options);
        options.Service.Name ??= Text(application, ApplicationName);
    }

    private static void ApplyClient(IConfigurationSection client, EurekaOptions eureka)
    {
        // Registries configured for the mesh are meant for the mesh, whatever Steeltoe's switch says.
        if (eureka.ServiceUrls.Count == 0 && Switch(client, "Enabled") != false)
        {
            var urls = client["ServiceUrl"]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
            eureka.ServiceUrls = [.. urls.Distinct(StringComparer.OrdinalIgnoreCase)];
        }

        eureka.Fetch ??= Switch(client, "ShouldFetchRegistry");
        eureka.Register ??= Switch(client, "ShouldRegisterWithEureka");
        eureka.FetchInterval ??= Seconds(client, "RegistryFetchIntervalSeconds");
        eureka.RequestTimeout ??= Seconds(client, "EurekaServer:ConnectTimeoutSeconds");
    }

    private static void ApplyInstance(IConfigurationSection instance, MeshOptions options)
    {
        var eureka = options.Discovery.Eureka;
        options.Service.Name ??= Text(instance, "AppName");
        eureka.InstanceId ??= Text(instance, "InstanceId");
        eureka.HostName ??= Text(instance, "HostName");
        eureka.IPAddress ??= Text(instance, "IPAddress");
        eureka.PreferIPAddress ??= Switch(instance, "PreferIPAddress");
        eureka.Port ??= Positive(instance, "Port") ?? Positive(instance, "NonSecurePort");
        eureka.HeartbeatInterval ??= Seconds(instance, "LeaseRenewalIntervalInSeconds");
        eureka.LeaseDuration ??= Seconds(instance, "LeaseExpirationDurationInSeconds");
        foreach (var entry in instance.GetSection("MetadataMap").GetChildren())
        {
            if (entry.Value is { } value)
            {
                eureka.Metadata.TryAdd(entry.Key, value);
            }
        }

        options.Service.Zone ??= Text(instance, "MetadataMap:zone");
    }

    private static string? Text(IConfiguration section, string key) => string.IsNullOrWhiteSpace(section[key]) ? null : section[key];

    private static bool? Switch(IConfiguration section, string key) => bool.TryParse(section[key], out var value) ? value : null;

    private static int? Positive(IConfiguration section, string key) =>
        int.TryParse(section[key], NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : null;

    private static TimeSpan? Seconds(IConfiguration section, string key) =>
        Positive(section, key) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
