using System.Collections.Immutable;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>The content of this application's registration. Address and identity do not change while the application runs; metadata and
/// status do.</summary>
internal sealed record InstanceRegistration
{
    /// <summary>The application, in upper case as the registry keeps it.</summary>
    public required string App { get; init; }

    public required string InstanceId { get; init; }

    /// <summary>The name that callers use.</summary>
    public required string Vip { get; init; }

    public required AdvertisedAddress Address { get; init; }

    /// <summary>Which parts of the address are guessed; they are logged.</summary>
    public IReadOnlyList<PortGuess> Guesses { get; init; } = [];

    public required TimeSpan HeartbeatInterval { get; init; }

    public required TimeSpan LeaseDuration { get; init; }

    /// <summary>As of the request in which it is sent.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Fields that callers do not need: pages, groups, data centre.</summary>
    public RegistrationDetails Details { get; init; } = RegistrationDetails.Default;

    /// <summary>The override sent with a registration, for a registry that has lost it; unknown for none.</summary>
    public RegistrationStatus Overridden { get; init; }
}
