namespace Mesh.Client.Registration;

/// <summary>Where others reach this application.</summary>
internal sealed record AdvertisedAddress
{
    public required string HostName { get; init; }

    public required string IPAddress { get; init; }

    /// <summary>The port for plain HTTP, or null if there is none.</summary>
    public int? Port { get; init; }

    /// <summary>The port for TLS, or null if there is none.</summary>
    public int? SecurePort { get; init; }

    /// <summary>The port that names the instance.</summary>
    public int AnyPort => Port ?? SecurePort ?? 0;
}
