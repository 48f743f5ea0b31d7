namespace Mesh.Architecture.Tests;

/// <summary>What the Eureka adapter uses that an application's own source could not.</summary>
public sealed class SeamTests
{
    /// <summary>This list only becomes shorter.</summary>
    private static readonly string[] BeyondThePublicFace =
    [
        // What is in force, and which key said it.
        "MeshModel", "ModelInForce", "IWrittenKeys", "ISettingsValidator", "ConfigurationErrors",

        // Endpoints and labels in the form in which the mesh keeps them: an own source's are converted, an Eureka server's are not copied.
        "EndpointDescription", "EndpointOrigin", "EndpointPolicy", "IEndpointNames", "LabelMap", "AddressComparer",

        // The registration with all its statuses. An own registrar is told whether it is wanted.
        "OwnRegistration", "WantedRegistration", "RegistrationStatus", "AdvertisedAddress", "AdvertisedAddressResolver", "MachineAddress",
        "PortGuess", "PublishedText", "Hosts",

        // Polling, limits, connections.
        "PollSchedule", "RegistryLimits", "SourceName", "ConnectionRace",

        // Log and metrics of the mesh itself.
        "LogCategories", "GuardedLogger", "RegistryMetrics", "RegistrationState", "Results",
    ];

    [Fact]
    public void Eureka_uses_nothing_new_that_an_own_source_could_not()
    {
        var used = Used();

        Rule.Forbids("an adapter uses what an own source could not", used.Except(BeyondThePublicFace));
        Assert.Equal([], BeyondThePublicFace.Except(used).Select(static name => $"{name} is no longer used: take it off the list"));
    }

    [Fact]
    public void Only_what_registers_services_may_use_an_adapter() =>
        Rule.Forbids(
            "the mesh knows one of its adapters",
            Sources.FileEdges
                .Where(static edge => InAdapter(edge.To) && !InAdapter(edge.From)
                    && Floors.FolderOf(edge.From) != "DependencyInjection")
                .Select(static edge => $"{edge.From} → {edge.To}"));

    // Primitives are no part of the mesh: anybody may write their own.
    private static HashSet<string> Used() =>
    [
        .. Sources.Dependencies
            .Where(static use => InAdapter(use.From) && !InAdapter(use.To) && !use.IsPublic
                && !use.To.StartsWith("Primitives/", StringComparison.Ordinal))
            .Select(static use => Path.GetFileNameWithoutExtension(use.To)),
    ];

    private static bool InAdapter(string file) => file.StartsWith("Eureka/", StringComparison.Ordinal);
}
