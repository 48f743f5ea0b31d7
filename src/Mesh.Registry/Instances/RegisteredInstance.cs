using System.Collections.Immutable;

namespace Mesh.Registry.Instances;

/// <summary>
/// One instance as the registry knows it. Immutable except for its lease, so that a listing in progress never sees half of a change. Times
/// are milliseconds since 1970, as on the wire.
/// </summary>
internal sealed record RegisteredInstance
{
    /// <summary>The application, in upper case.</summary>
    public required string App { get; init; }

    /// <summary>
    /// The id that the client sent. Without it, the id of the data centre or the host name is used, and the field stays absent in answers.
    /// </summary>
    public string? InstanceId { get; init; }

    public required string HostName { get; init; }

    public required string IpAddress { get; init; }

    public InstanceStatus Status { get; init; }

    /// <summary>The status that an operator has set. Null means none; it differs from an override to unknown, which stays in
    /// force.</summary>
    public InstanceStatus? Override { get; init; }

    public PortBinding Port { get; init; } = PortBinding.DefaultPlain;

    public PortBinding SecurePort { get; init; } = PortBinding.DefaultSecure;

    public int CountryId { get; init; } = 1;

    public required DataCenter DataCenter { get; init; }

    public int RenewalIntervalSeconds { get; init; } = 30;

    public required Lease Lease { get; init; }

    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>An older kind of id, which some clients still send.</summary>
    public string? Sid { get; init; }

    public string? AppGroupName { get; init; }

    public string? AsgName { get; init; }

    public string? HomePageUrl { get; init; }

    public string? StatusPageUrl { get; init; }

    public string? HealthCheckUrl { get; init; }

    public string? SecureHealthCheckUrl { get; init; }

    public string? VipAddress { get; init; }

    public string? SecureVipAddress { get; init; }

    public long RegisteredAt { get; init; }

    public long ServiceUpAt { get; init; }

    public long EvictedAt { get; init; }

    public long LastUpdatedAt { get; init; }

    /// <summary>The client's own version of its registration: the newer one counts.</summary>
    public long LastDirtyAt { get; init; }

    public ChangeKind LastChange { get; init; }

    public string Id => InstanceId ?? DataCenter.InstanceId ?? HostName;

    public InstanceKey Key => new(App, Id);
}
