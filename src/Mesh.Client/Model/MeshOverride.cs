using Mesh.Client.Options;

namespace Mesh.Client;

/// <summary>A change of settings at run time.</summary>
/// <param name="service">The service name; null for all services, as <c>Mesh:Defaults</c>.</param>
/// <param name="settings">The settings that change; what is not set stays. Without endpoints.</param>
/// <param name="expires">When it ends by itself: within the next 7 days.</param>
/// <param name="reason">Who changes it and why, for the log.</param>
public sealed class MeshOverride(string? service, ServiceOptions settings, DateTimeOffset expires, string reason)
{
    /// <summary>The service name; null for all services.</summary>
    public string? Service => service;

    /// <summary>The settings that change.</summary>
    public ServiceOptions Settings => settings;

    /// <summary>When it ends by itself.</summary>
    public DateTimeOffset Expires => expires;

    /// <summary>Who changes it and why.</summary>
    public string Reason => reason;
}
