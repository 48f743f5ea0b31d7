namespace Mesh.Client;

/// <summary>The published status of an instance.</summary>
public enum InstanceStatus
{
    /// <summary>It runs but is not ready.</summary>
    Starting,

    /// <summary>It may be called.</summary>
    Up,

    /// <summary>It may not be called.</summary>
    Down,

    /// <summary>It was taken out of service, by the application or by an operator.</summary>
    OutOfService,
}
