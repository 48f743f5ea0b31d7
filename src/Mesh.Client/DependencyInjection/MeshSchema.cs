using static Mesh.Client.DependencyInjection.KeySchema;

namespace Mesh.Client.DependencyInjection;

/// <summary>Section <c>Mesh</c>, key by key.</summary>
/// <remarks>Written by hand, since reading the option classes by reflection does not survive trimming. A test holds it against them.</remarks>
internal static class MeshSchema
{
    private static readonly KeySchema Service = Section(
        ("Endpoints", List(Text)),
        ("Timeout", Limit),
        ("AttemptTimeout", Duration),
        ("ConnectTimeout", Duration),
        ("BodyIdleTimeout", Limit),
        ("HostHeader", OneOf<HostHeader>()),
        ("RequireTls", Switch),
        ("TlsName", Text),
        ("Credentials", Section(
            ("Mode", OneOf<CredentialMode>()),
            ("Audience", Text),
            ("OnMissingUser", OneOf<MissingUser>()),
            ("AllowInsecureTransport", Switch),
            ("MinRemaining", Duration),
            ("MaxTokenBytes", WholeNumber))),
        ("Retry", Section(
            ("MaxRetries", WholeNumber),
            ("BudgetRatio", Number))),
        ("LoadBalancing", Section(
            ("Policy", OneOf<LoadBalancingPolicy>()))),
        ("OutlierDetection", Section(
            ("Enabled", Switch),
            ("ConsecutiveFailures", WholeNumber),
            ("ConsecutiveConnectFailures", WholeNumber),
            ("FailureRatio", Number),
            ("BaseEjectionTime", Duration),
            ("MaxEjectionTime", Duration),
            ("MaxEjectedRatio", Number),
            ("PanicThreshold", Number))),
        ("CircuitBreaker", Section(
            ("Enabled", Switch),
            ("FailureRatio", Number),
            ("MinimumThroughput", WholeNumber),
            ("SamplingDuration", Duration),
            ("BreakDuration", Duration))));

    public static readonly KeySchema Root = Section(
        ("Service", Section(
            ("Name", Text),
            ("Version", Text),
            ("Zone", Text),
            ("Labels", Map(Text)))),
        ("Domain", Text),
        ("Discovery", Section(
            ("Eureka", Section(
                ("ServiceUrls", List(Text)),
                ("Fetch", Switch),
                ("Register", Switch),
                ("FetchInterval", Duration),
                ("HeartbeatInterval", Duration),
                ("LeaseDuration", Duration),
                ("RequestTimeout", Duration),
                ("CaFile", Text),
                ("InstanceId", Text),
                ("HostName", Text),
                ("IPAddress", Text),
                ("PreferIPAddress", Switch),
                ("Port", WholeNumber),
                ("Metadata", Map(Text)))),
            ("EmptyRegistryGrace", Duration),
            ("StartupWait", Duration),
            ("SnapshotFile", Text),
            ("SnapshotMaxAge", Duration))),
        ("Defaults", Service),
        ("Services", Map(Service)),
        ("Context", Section(
            ("Baggage", List(Text)))),
        ("Inbound", Section(
            ("TrustedNetworks", List(Text)))),
        ("Lifecycle", Section(
            ("RegisterWhen", OneOf<RegisterWhen>()),
            ("DrainDelay", Duration),
            ("DrainTimeout", Duration))),
        ("Security", Section(
            ("Endpoints", Section(
                ("AllowedNetworks", List(Text)),
                ("AllowedHostSuffixes", List(Text)),
                ("AllowLoopback", Switch))))),
        ("Telemetry", Section(
            ("PerEndpointTags", Switch),
            ("AccessLog", Switch))));
}
