using System.Collections.Frozen;
using Mesh.Client.Security;

namespace Mesh.Client;

/// <summary>What a source says about one endpoint of a service.</summary>
public sealed record EndpointDescription
{
    /// <summary>The scheme, host, port and base path to reach it at.</summary>
    public required Uri Address { get; init; }

    /// <summary>Where the same instance speaks TLS, if it does so beside a plain <see cref="Address"/>.</summary>
    internal Uri? SecureAddress { get; init; }

    /// <summary>Who named it, and so how far it is believed.</summary>
    internal EndpointOrigin Origin { get; init; }

    /// <summary>The time stamp of its registration, which each new one raises; 0 where the source has none.</summary>
    internal long Registered { get; init; }

    /// <summary>The source's own name for it. Messages and tags show the host and port of <see cref="Address"/>.</summary>
    /// <value>Default none.</value>
    public string? InstanceId { get; init; }

    /// <summary>The name that its certificate is checked against, and that is sent as SNI.</summary>
    /// <value>Default none: the host of <see cref="Address"/>.</value>
    public string? TlsName { get; init; }

    /// <summary>Whether requests speak the host of <see cref="Address"/> instead of the service's name.</summary>
    /// <value>Default false; true for configured endpoints with a DNS name.</value>
    public bool SpeaksOwnName { get; init; }

    /// <summary>The zone it runs in.</summary>
    /// <value>Default none.</value>
    public string? Zone { get; init; }

    /// <summary>Labels (a registry's metadata).</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;
}
