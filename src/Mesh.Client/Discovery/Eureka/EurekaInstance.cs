using System.Collections.Frozen;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>One instance as a registry listed it; nothing in it has been checked yet.</summary>
internal sealed class EurekaInstance
{
    public required InstanceKey Key { get; init; }

    public string? HostName { get; init; }

    public string? IPAddress { get; init; }

    public EurekaStatus Status { get; init; }

    /// <summary>What an operator, or the application itself, has set in place of the registered status; unknown for nothing.</summary>
    public EurekaStatus OverriddenStatus { get; init; }

    /// <summary>The version of the registration, which each new one raises: milliseconds since 1970; 0 where the registry does not say.</summary>
    public long LastDirty { get; init; }

    /// <summary>Whether a delta says that the instance is gone. Meaningless in a full answer.</summary>
    public bool Deleted { get; init; }

    public EurekaPort Port { get; init; }

    public EurekaPort SecurePort { get; init; }

    /// <summary>Names the instance can be called by, comma separated.</summary>
    public string? VipAddress { get; init; }

    public string? SecureVipAddress { get; init; }

    /// <summary>The availability zone that a cloud's data centre entry names, if any.</summary>
    public string? DataCenterZone { get; init; }

    public FrozenDictionary<string, string> Metadata { get; init; } = FrozenDictionary<string, string>.Empty;
}
