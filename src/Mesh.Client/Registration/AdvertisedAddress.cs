namespace Mesh.Client.Registration;

/// <summary>The address at which callers reach this application.</summary>
internal sealed record AdvertisedAddress
{
    public required string HostName { get; init; }

    public required string IPAddress { get; init; }

    /// <summary>The port for plain HTTP, or null if there is none.</summary>
    public int? Port { get; init; }

    /// <summary>The port for TLS, or null if there is none.</summary>
    public int? SecurePort { get; init; }

    /// <summary>The port in the instance's id: that for plain HTTP, or else for TLS; 0 without either.</summary>
    public int AnyPort => Port ?? SecurePort ?? 0;
}
