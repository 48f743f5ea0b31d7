namespace Mesh.Client.Discovery.Eureka;

/// <summary>What this application registers as. It does not change while the application runs; its status does.</summary>
internal sealed record Registration
{
    /// <summary>The application, in upper case as the registry keeps it.</summary>
    public required string App { get; init; }

    public required string InstanceId { get; init; }

    /// <summary>The name it is called by.</summary>
    public required string Vip { get; init; }

    public required AdvertisedAddress Address { get; init; }

    public required TimeSpan HeartbeatInterval { get; init; }

    public required TimeSpan LeaseDuration { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}
