namespace Mesh.Client;

/// <summary>This application, for a registrar to announce.</summary>
/// <remarks>Where callers reach it is found out from what the server listens on: a port on loopback counts only where there is no
/// other.</remarks>
public sealed class OwnInstance
{
    /// <summary>Its service name (<c>Mesh:Service:Name</c>).</summary>
    public required string Service { get; init; }

    /// <summary>The name of this machine, or the address that the server listens on.</summary>
    /// <value>Null if the server listens on no TCP address, as are the next three.</value>
    public string? HostName { get; init; }

    /// <summary>The IP address that goes with <see cref="HostName"/>.</summary>
    public string? IPAddress { get; init; }

    /// <summary>The port for plain HTTP, or null if there is none.</summary>
    public int? Port { get; init; }

    /// <summary>The port for TLS, or null if there is none.</summary>
    public int? SecurePort { get; init; }

    /// <summary>The addresses that the server listens on, as it reports them, such as <c>http://[::]:8080</c>.</summary>
    public IReadOnlyList<string> Listening { get; init; } = [];
}
