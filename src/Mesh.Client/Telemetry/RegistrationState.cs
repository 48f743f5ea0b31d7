namespace Mesh.Client.Telemetry;

/// <summary>What the registry has accepted about this application.</summary>
internal enum RegistrationState
{
    /// <summary>Nothing yet, or it was removed.</summary>
    None,

    /// <summary>It runs but is not ready.</summary>
    Starting,

    /// <summary>It may be called.</summary>
    Up,

    /// <summary>It is leaving.</summary>
    Down,

    /// <summary>An operator, or the application itself, has taken it out of service.</summary>
    OutOfService,
}
