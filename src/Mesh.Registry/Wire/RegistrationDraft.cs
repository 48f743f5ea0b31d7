using System.Collections.Immutable;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>The fields of a registration while they are read, in any order.</summary>
internal sealed class RegistrationDraft
{
    private const int DefaultRenewalIntervalSeconds = 30;

    private InstanceStatus? _override;

    public string? InstanceId { get; set; }

    public string? HostName { get; set; }

    public string? App { get; set; }

    public string? IpAddress { get; set; }

    public string? Sid { get; set; }

    public string? AppGroupName { get; set; }

    public string? AsgName { get; set; }

    public InstanceStatus Status { get; private set; } = InstanceStatus.Up;

    public PortBinding Port { get; set; } = PortBinding.DefaultPlain;

    public PortBinding SecurePort { get; set; } = PortBinding.DefaultSecure;

    public int CountryId { get; set; } = 1;

    public DataCenter? DataCenter { get; set; }

    public int RenewalIntervalSeconds { get; set; }

    public int DurationSeconds { get; set; }

    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; set; } = [];

    public string? HomePageUrl { get; set; }

    public string? StatusPageUrl { get; set; }

    public string? HealthCheckUrl { get; set; }

    public string? SecureHealthCheckUrl { get; set; }

    public string? VipAddress { get; set; }

    public string? SecureVipAddress { get; set; }

    public long LastDirtyAt { get; set; }

    /// <summary>Gets the id under which the instance is registered, as far as known.</summary>
    public string? Id => string.IsNullOrWhiteSpace(InstanceId) ? DataCenter?.InstanceId ?? HostName : InstanceId;

    /// <summary>A status of null counts as absent; any other text that is not a status means unknown.</summary>
    public void SetStatus(string? text) => Status = text is null ? Status : InstanceStatusNames.Parse(text) ?? InstanceStatus.Unknown;

    /// <summary>The field exists under two names, and unknown in either means none.</summary>
    public void SetOverride(InstanceStatus? status) => _override = status is null or InstanceStatus.Unknown ? _override : status;

    public RegisteredInstance ToInstance(RegistrySettings settings, TimeProvider time)
    {
        var duration = DurationSeconds > 0 ? DurationSeconds : settings.DefaultLeaseSeconds;
        return new RegisteredInstance
        {
            App = App!.ToUpperInvariant(),
            InstanceId = string.IsNullOrWhiteSpace(InstanceId) ? null : InstanceId,
            HostName = HostName!,
            IpAddress = IpAddress!,
            Sid = Sid is "na" or "unknown" ? null : Sid,
            AppGroupName = AppGroupName?.ToUpperInvariant(),
            AsgName = AsgName,
            Status = Status,
            Override = _override,
            Port = Port,
            SecurePort = SecurePort,
            CountryId = CountryId,
            DataCenter = DataCenter!,
            RenewalIntervalSeconds = RenewalIntervalSeconds > 0 ? RenewalIntervalSeconds : DefaultRenewalIntervalSeconds,
            Lease = new Lease(Math.Min(duration, settings.MaxLeaseSeconds), time, settings.DoubleLease),
            Metadata = Metadata,
            HomePageUrl = HomePageUrl,
            StatusPageUrl = StatusPageUrl,
            HealthCheckUrl = HealthCheckUrl,
            SecureHealthCheckUrl = SecureHealthCheckUrl,
            VipAddress = VipAddress,
            SecureVipAddress = SecureVipAddress,
            LastDirtyAt = LastDirtyAt > 0 ? LastDirtyAt : time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
    }
}
