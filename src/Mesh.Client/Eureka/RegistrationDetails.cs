using Mesh.Client.Options;

namespace Mesh.Client.Eureka;

/// <summary>The fields of a registration that can only be configured, not detected. Null for a default.</summary>
internal sealed record RegistrationDetails
{
    public static readonly RegistrationDetails Default = new();

    public string? VipAddress { get; init; }

    public string? SecureVipAddress { get; init; }

    public string? AppGroup { get; init; }

    public string? AutoScalingGroup { get; init; }

    public string? HomePage { get; init; }

    public string? StatusPage { get; init; }

    public string? HealthCheck { get; init; }

    public string? SecureHealthCheck { get; init; }

    public EurekaDataCenter DataCenter { get; init; }

    public IReadOnlyDictionary<string, string> DataCenterMetadata { get; init; } = new Dictionary<string, string>();

    public static RegistrationDetails From(EurekaOptions options) => new()
    {
        VipAddress = options.VipAddress,
        SecureVipAddress = options.SecureVipAddress,
        AppGroup = options.AppGroup,
        AutoScalingGroup = options.AutoScalingGroup,
        HomePage = options.HomePageUrl,
        StatusPage = options.StatusPageUrl,
        HealthCheck = options.HealthCheckUrl,
        SecureHealthCheck = options.SecureHealthCheckUrl,
        DataCenter = options.DataCenter.Name ?? EurekaDataCenter.MyOwn,
        DataCenterMetadata = new Dictionary<string, string>(options.DataCenter.Metadata, StringComparer.Ordinal),
    };
}
