namespace Mesh.Client.Faults.Deploy;

/// <summary>How the three instances go and come back, and who may know.</summary>
internal sealed record DeployScenario
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>HTTP/2 in cleartext with prior knowledge; otherwise HTTP/1.1.</summary>
    public bool Http2 { get; init; }

    public RegistryClocks Clocks { get; init; } = RegistryClocks.Fast;

    /// <summary>The registry is killed when everybody is up, and stays away.</summary>
    public bool RegistryDown { get; init; }

    /// <summary>There is none: everybody has the addresses in the configuration.</summary>
    public bool NoRegistry { get; init; }

    /// <summary>The instances get SIGKILL and not SIGTERM.</summary>
    public bool Killed { get; init; }

    /// <summary>With a registry, the new process listens on another port than the old one.</summary>
    public bool NewPort { get; init; }
}
