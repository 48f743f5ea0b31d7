using Mesh.Client.Options;
using static Mesh.Client.Configuration.KeySchema;

namespace Mesh.Client.Configuration;

/// <summary>Section <c>Mesh</c>, key by key.</summary>
/// <remarks>Written by hand, since reading the option classes by reflection does not survive
/// trimming. A test holds it against them.</remarks>
internal static class MeshSchema
{
    private static readonly KeySchema TextMatch = SectionOr(
        "Exact",
        ("Exact", Text),
        ("Prefix", Text),
        ("Regex", Text),
        ("Present", Switch));

    private static readonly KeySchema Service = Section(
        ("Endpoints", List(SectionOr(
            "Address",
            ("Address", Text),
            ("Resolve", OneOf<AddressResolution>()),
            ("Zone", Text),
            ("Labels", Map(Text))))),
        ("Routes", Map(Section(
            ("Order", WholeNumber),
            ("Matches", WholeList(Section(
                ("Path", Text),
                ("PathRegex", Text),
                ("Methods", List(Text)),
                ("Headers", Map(TextMatch)),
                ("Query", Map(TextMatch)),
                ("Clients", List(Text))))),
            ("Timeout", Limit),
            ("AttemptTimeout", Duration),
            ("BodyIdleTimeout", Limit),
            ("MaxRetries", WholeNumber)))),
        ("Timeout", Limit),
        ("AttemptTimeout", Duration),
        ("ConnectTimeout", Duration),
        ("BodyIdleTimeout", Limit),
        ("HostHeader", OneOf<HostHeader>()),
        ("RequireTls", Switch),
        ("TlsName", Text),
        ("SendContext", Switch),
        ("Credentials", Section(
            ("Mode", OneOf<CredentialMode>()),
            ("Audience", Text),
            ("MissingUser", OneOf<MissingUserBehavior>()),
            ("AllowInsecureTransport", Switch),
            ("MinimumLifetime", Duration),
            ("MaxTokenBytes", WholeNumber))),
        ("Retry", Section(
            ("MaxRetries", WholeNumber),
            ("BudgetRatio", Number))),
        ("LoadBalancing", Section(
            ("Policy", Text),
            ("SubsetSize", WholeNumber),
            ("ZoneAware", Switch))),
        ("OutlierDetection", Section(
            ("Enabled", Switch),
            ("ConsecutiveFailures", WholeNumber),
            ("ConsecutiveConnectFailures", WholeNumber),
            ("FailureRatio", Number),
            ("BaseEjectionTime", Duration),
            ("MaxEjectionTime", Duration),
            ("MaxEjectedRatio", Number),
            ("PanicThreshold", Number),
            ("Statuses", List(Text)),
            ("Probe", Section(
                ("Path", Text),
                ("Timeout", Duration),
                ("IdleInterval", Limit))))),
        ("CircuitBreaker", Section(
            ("Enabled", Switch),
            ("FailureRatio", Number),
            ("MinimumThroughput", WholeNumber),
            ("SamplingDuration", Duration),
            ("BreakDuration", Duration))));

    public static readonly KeySchema Root = Section(
        ("Enabled", Switch),
        ("StackedHandlers", OneOf<StackedHandlers>()),
        ("Service", Section(
            ("Name", Text),
            ("Version", Text),
            ("Zone", Text),
            ("Labels", Map(Text)))),
        ("Domain", Text),
        ("Discovery", Section(
            ("Eureka", Section(
                ("ServiceUrls", List(Text)),
                ("ZoneServiceUrls", Map(List(Text))),
                ("PreferSameZone", Switch),
                ("ServerQuarantine", Duration),
                ("Proxy", Text),
                ("Fetch", Switch),
                ("Vips", List(Text)),
                ("Apps", List(Text)),
                ("Delta", Switch),
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
                ("CallByIPAddress", Switch),
                ("PreferSecurePort", Switch),
                ("Port", WholeNumber),
                ("SecurePort", WholeNumber),
                ("PortEnabled", Switch),
                ("SecurePortEnabled", Switch),
                ("VipAddress", Text),
                ("SecureVipAddress", Text),
                ("AppGroup", Text),
                ("AutoScalingGroup", Text),
                ("HomePageUrl", Text),
                ("StatusPageUrl", Text),
                ("HealthCheckUrl", Text),
                ("SecureHealthCheckUrl", Text),
                ("DataCenter", Section(
                    ("Name", OneOf<EurekaDataCenter>()),
                    ("Metadata", Map(Text)))),
                ("UpAtStart", Switch),
                ("Health", Section(
                    ("Enabled", Switch),
                    ("Interval", Duration),
                    ("CheckTimeout", Duration),
                    ("FailuresBeforeDown", WholeNumber),
                    ("SuccessesBeforeUp", WholeNumber))),
                ("Metadata", Map(Text)))),
            ("EmptyRegistryGrace", Duration),
            ("StartupWait", Duration),
            ("SnapshotFile", Text),
            ("SnapshotMaxAge", Duration))),
        ("Defaults", Service with { Refused = ["Endpoints", "Routes"] }),
        ("Services", Map(Service)),
        ("Override", Section(
            ("Defaults", Service with { Refused = ["Endpoints", "Routes"] }),
            ("Services", Map(Service)))),
        ("Context", Section(
            ("Baggage", List(Text)))),
        ("Inbound", Section(
            ("TrustedNetworks", List(Text)),
            ("UntrustedTraceContext", OneOf<UntrustedTraceContext>()))),
        ("Lifecycle", Section(
            ("RegisterWhen", OneOf<RegistrationTrigger>()),
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
