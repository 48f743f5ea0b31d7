namespace Mesh.Registry;

/// <summary>The registry's settings for operators, bound from the configuration section <c>Mesh:Registry</c>.</summary>
/// <remarks>The values are read once, at start: a change of the configuration takes effect at the next start.</remarks>
public sealed class MeshRegistryOptions
{
    /// <summary>Gets or sets how often expired leases are removed.</summary>
    /// <value>Default 60 seconds; from 10 milliseconds to one day.</value>
    /// <remarks>A crashed instance stays listed for its lease plus at most this time. Use one second in development and tests.</remarks>
    public TimeSpan EvictionInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets the lease of an instance that does not ask for one.</summary>
    /// <value>Default 90 seconds; from one second to <see cref="MaxLeaseDuration"/>, whole seconds.</value>
    /// <remarks>If it is shorter than three heartbeat intervals of the clients, one lost heartbeat can remove a healthy instance.</remarks>
    public TimeSpan DefaultLeaseDuration { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>Gets or sets the longest lease an instance can get; a longer request is cut to it.</summary>
    /// <value>Default one day; from one second to 365 days, whole seconds.</value>
    /// <remarks>Without a limit, one bad registration would stay listed for ever.</remarks>
    public TimeSpan MaxLeaseDuration { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets whether a heartbeat extends the lease by twice its duration, as on a Netflix server.</summary>
    /// <value>Default <see langword="false"/>.</value>
    /// <remarks>The Netflix server does it by an oversight that its own source mentions; a crashed instance then stays listed twice as
    /// long. Set it for clients with heartbeats further apart than their lease lasts, or to see how an application fares with such a
    /// server.</remarks>
    public bool DoubleLease { get; set; }

    /// <summary>Gets or sets whether every instance gets a number that is unique within its application and zone, as the metadata entry
    /// <c>mesh.ordinal</c>.</summary>
    /// <value>Default <see langword="true"/>.</value>
    /// <remarks>By this number, clients of the mesh that each use a part of a large service spread evenly over its instances. Other clients
    /// ignore it. A Netflix server does not know it.</remarks>
    public bool Ordinals { get; set; } = true;

    /// <summary>Gets or sets whether expired instances stay while too many are silent at the same time.</summary>
    /// <value>Default <see langword="true"/>.</value>
    /// <remarks>When most heartbeats stop at once, the network between the instances and the registry is more likely to be broken than all
    /// instances. Without this, such a fault empties the registry and every client loses all addresses.</remarks>
    public bool SelfPreservation { get; set; } = true;

    /// <summary>Gets or sets the number of registered instances from which self-preservation works.</summary>
    /// <value>Default 10 instances; from 1 to 1,000,000.</value>
    /// <remarks>With fewer, one crashed instance is a large share and would be kept. A Netflix server protects from the first instance on:
    /// set 1 for the same.</remarks>
    public int SelfPreservationMinInstances { get; set; } = 10;

    /// <summary>Gets or sets the share of the due heartbeats that must arrive, and the share of the instances that one eviction run leaves
    /// in place.</summary>
    /// <value>Default 0.85; from 0 to 1.</value>
    /// <remarks>At 0 there is no limit: every expired instance is removed in the next run. Otherwise at least one expired instance is
    /// removed per run.</remarks>
    public double RenewalThreshold { get; set; } = 0.85;

    /// <summary>Gets the other registries of the same site, by the URLs of their protocol path.</summary>
    /// <value>Default none; at most 5 absolute http or https URLs such as <c>http://registry-2:8761/eureka/</c>. Blank entries are
    /// ignored.</value>
    /// <remarks>Each registry lists the others, not itself, and passes its clients' changes on to them. The URL may contain a user and
    /// password.</remarks>
    public IList<string> Peers { get; } = [];

    /// <summary>Gets or sets how long a starting registry tries to copy its peers before it serves.</summary>
    /// <value>Default 5 seconds; from 100 milliseconds to 5 minutes.</value>
    public TimeSpan PeerSyncTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long listings are refused (403) after a start without a peer to copy.</summary>
    /// <value>Default 30 seconds, one heartbeat interval of a usual client; from 0 to one hour.</value>
    /// <remarks>In that time the instances register again by their heartbeats. With a shorter time, clients may read an incomplete list.
    /// The Netflix server waits 5 minutes.</remarks>
    public TimeSpan PeerSyncWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the user name that every request must carry with Basic authentication, including those for the page.</summary>
    /// <value>Default <see langword="null"/>: no authentication. At most 256 characters, no colon.</value>
    /// <remarks>Clients put it into their service URL. Over plain HTTP it can be read on the network.</remarks>
    public string? Username { get; set; }

    /// <summary>Gets or sets the password of <see cref="Username"/>.</summary>
    /// <value>Default <see langword="null"/>; required with a user name.</value>
    public string? Password { get; set; }

    /// <summary>Gets or sets how long a change is reported to the clients that poll for changes.</summary>
    /// <value>Default 180 seconds; from one second to one day.</value>
    /// <remarks>Clients that poll more rarely than this miss changes. Keep it above twice their fetch interval.</remarks>
    public TimeSpan DeltaRetention { get; set; } = TimeSpan.FromSeconds(180);

    /// <summary>Gets or sets how long an unchanged answer is reused.</summary>
    /// <value>Default 30 seconds; from 10 milliseconds to one hour.</value>
    /// <remarks>A registration, a removal or a change of status is visible at once. Only the times of
    /// the last heartbeats can be this old.</remarks>
    public TimeSpan ResponseMaxAge { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a listing is reused although something has changed since it was made.</summary>
    /// <value>Default 0: changes show at once; up to one hour.</value>
    /// <remarks>The Netflix server does this with 30 seconds. Set the same to see how an application fares with such a server: a change
    /// reaches a client after this time plus the client's fetch interval at worst. A single instance that is requested by its id is never
    /// cached.</remarks>
    public TimeSpan ResponseCache { get; set; } = TimeSpan.Zero;

    /// <summary>Gets or sets how many instances can be registered at the same time.</summary>
    /// <value>Default 10,000; from 1 to 1,000,000.</value>
    /// <remarks>When it is reached, new instances get status 503; those already registered are not affected.</remarks>
    public int MaxInstances { get; set; } = 10_000;

    /// <summary>Gets or sets the largest registration, in bytes.</summary>
    /// <value>Default 65,536 bytes; from 1,024 to 16,777,216.</value>
    /// <remarks>A larger body gets status 413 and is not read to its end.</remarks>
    public int MaxBodyBytes { get; set; } = 65_536;

    /// <summary>Gets or sets how much metadata one instance may carry: keys and values together, in bytes of UTF-8.</summary>
    /// <value>Default 16,384 bytes; from 0 to <see cref="MaxBodyBytes"/>.</value>
    /// <remarks>Metadata is sent to every client with every full fetch. A registration with more gets status 400.</remarks>
    public int MaxMetadataBytes { get; set; } = 16_384;

    /// <summary>Gets or sets the longest name: application, instance id, host name, address, group.</summary>
    /// <value>Default 256 characters; from 16 to 4,096.</value>
    /// <remarks>A longer one gets status 400. URLs and lists of virtual addresses may have eight times as many.</remarks>
    public int MaxNameLength { get; set; } = 256;

    /// <summary>Gets or sets the path of the page that shows what is registered.</summary>
    /// <value>Default <c>/</c>; <see langword="null"/> or empty means no page.</value>
    /// <remarks>An endpoint of the application at the same path takes precedence over the page.</remarks>
    public string? PagePath { get; set; } = "/";

    /// <summary>Gets or sets the path of the health endpoint.</summary>
    /// <value>Default <c>/health</c>; <see langword="null"/> or empty means none.</value>
    /// <remarks>It requires no password and reveals no names. An endpoint of the application at the same path takes precedence over
    /// it.</remarks>
    public string? HealthPath { get; set; } = "/health";
}
