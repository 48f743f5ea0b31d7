using System.Text.Json.Serialization;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>All that a registry says, as classes for the source generator of System.Text.Json:
/// what an ordinary client reads into.</summary>
internal sealed record FullModel([property: JsonPropertyName("applications")] FullModel.ApplicationList Applications)
{
    internal sealed record ApplicationList(
        [property: JsonPropertyName("versions__delta")] string Version,
        [property: JsonPropertyName("apps__hashcode")] string Hash,
        [property: JsonPropertyName("application")] List<Application> Application);

    internal sealed record Application(string Name, List<Instance> Instance);

    internal sealed class Instance
    {
        public string? InstanceId { get; set; }

        public string? HostName { get; set; }

        public string? App { get; set; }

        public string? IpAddr { get; set; }

        public string? Status { get; set; }

        public string? OverriddenStatus { get; set; }

        public PortEntry? Port { get; set; }

        public PortEntry? SecurePort { get; set; }

        public int CountryId { get; set; }

        public DataCenterEntry? DataCenterInfo { get; set; }

        public LeaseEntry? LeaseInfo { get; set; }

        public Dictionary<string, string>? Metadata { get; set; }

        public string? HomePageUrl { get; set; }

        public string? StatusPageUrl { get; set; }

        public string? HealthCheckUrl { get; set; }

        public string? VipAddress { get; set; }

        public string? SecureVipAddress { get; set; }

        public string? IsCoordinatingDiscoveryServer { get; set; }

        public string? LastUpdatedTimestamp { get; set; }

        public string? LastDirtyTimestamp { get; set; }

        public string? ActionType { get; set; }
    }

    internal sealed record PortEntry([property: JsonPropertyName("$")] int Number, [property: JsonPropertyName("@enabled")] string Enabled);

    internal sealed record DataCenterEntry(
        [property: JsonPropertyName("@class")] string Class, string Name, Dictionary<string, string> Metadata);

    internal sealed record LeaseEntry(
        int RenewalIntervalInSecs, int DurationInSecs, long RegistrationTimestamp, long LastRenewalTimestamp, long EvictionTimestamp,
            long ServiceUpTimestamp);
}
