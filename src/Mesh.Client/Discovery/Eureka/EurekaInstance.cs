using System.Collections.Frozen;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>One instance as a registry listed it; nothing in it has been checked yet.</summary>
internal sealed class EurekaInstance
{
    public required InstanceKey Key { get; init; }

    public string? HostName { get; init; }

    public string? IPAddress { get; init; }

    public EurekaStatus Status { get; init; }

    /// <summary>Whether a delta says that the instance is gone. Meaningless in a full answer.</summary>
    public bool Deleted { get; init; }

    /// <summary>The time stamp that each new registration of the instance raises; 0 if it has none.</summary>
    public long Registered { get; init; }

    public EurekaPort Port { get; init; }

    public EurekaPort SecurePort { get; init; }

    /// <summary>Names the instance can be called by, comma separated.</summary>
    public string? VipAddress { get; init; }

    public string? SecureVipAddress { get; init; }

    /// <summary>The availability zone that a cloud's data centre entry names, if any.</summary>
    public string? DataCenterZone { get; init; }

    public FrozenDictionary<string, string> Metadata { get; init; } = FrozenDictionary<string, string>.Empty;
}
