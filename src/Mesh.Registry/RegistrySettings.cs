namespace Mesh.Registry;

/// <summary>The validated options, fixed for the life of the registry.</summary>
internal sealed class RegistrySettings(MeshRegistryOptions options)
{
    public const string SectionName = "Mesh:Registry";

    public TimeSpan EvictionInterval { get; } = options.EvictionInterval;

    public int DefaultLeaseSeconds { get; } = (int)options.DefaultLeaseDuration.TotalSeconds;

    public int MaxLeaseSeconds { get; } = (int)options.MaxLeaseDuration.TotalSeconds;

    public bool DoubleLease { get; } = options.DoubleLease;

    public bool Ordinals { get; } = options.Ordinals;

    public bool SelfPreservation { get; } = options.SelfPreservation;

    public int SelfPreservationMinInstances { get; } = options.SelfPreservationMinInstances;

    public double RenewalThreshold { get; } = options.RenewalThreshold;

    public string? Username { get; } = string.IsNullOrEmpty(options.Username) ? null : options.Username;

    public string? Password { get; } = options.Password;

    /// <summary>Blank entries count as absent, so that an environment can remove what a file lists.</summary>
    public Uri[] Peers { get; } =
    [
        .. options.Peers
            .Where(static peer => !string.IsNullOrWhiteSpace(peer))
            .Select(static peer => new Uri(peer.Trim().TrimEnd('/') + "/", UriKind.Absolute)),
    ];

    public TimeSpan PeerSyncTimeout { get; } = options.PeerSyncTimeout;

    public TimeSpan PeerSyncWait { get; } = options.PeerSyncWait;

    public TimeSpan DeltaRetention { get; } = options.DeltaRetention;

    public TimeSpan ResponseMaxAge { get; } = options.ResponseMaxAge;

    public TimeSpan ResponseCache { get; } = options.ResponseCache;

    public int MaxInstances { get; } = options.MaxInstances;

    public int MaxBodyBytes { get; } = options.MaxBodyBytes;

    public int MaxMetadataBytes { get; } = options.MaxMetadataBytes;

    public int MaxNameLength { get; } = options.MaxNameLength;

    /// <summary>URLs and lists of virtual addresses are longer than names by nature.</summary>
    public int MaxTextLength => MaxNameLength * 8;

    /// <summary>Changes from another registry arrive in large numbers.</summary>
    public int MaxBatchBytes => (int)Math.Min(MaxBodyBytes * 64L, 64 * 1_048_576);

    public string? PagePath { get; } = options.PagePath;

    public string? HealthPath { get; } = options.HealthPath;

    /// <summary>
    /// The number of changes that are kept. Every live instance has at most one; the rest is room for instances that have left.
    /// </summary>
    public int MaxChanges => MaxInstances * 2;
}
