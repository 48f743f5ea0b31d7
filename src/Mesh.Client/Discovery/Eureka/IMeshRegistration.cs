namespace Mesh.Client;

/// <summary>This application's registration, as far as the application may change it while it runs. Get it from the services.</summary>
/// <remarks>Safe to call from any thread and at any time. Changes are sent in the background, until the registry has taken them; before the application is
/// registered, and where it never is, they are only kept.</remarks>
public interface IMeshRegistration
{
    /// <summary>What this application says of itself: what its life cycle, its health checks and <see cref="SetStatus"/> add up to.</summary>
    InstanceStatus Status { get; }

    /// <summary>What an operator has set at the registry in place of <see cref="Status"/>.</summary>
    /// <value>Null if nothing is set. Read from the registry with the heartbeats, so at most one interval old. It is never fought: only whoever set it takes
    /// it away.</value>
    InstanceStatus? OverriddenBy { get; }

    /// <summary>The metadata that is published.</summary>
    IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Sets the status by hand.</summary>
    /// <param name="status"><see cref="InstanceStatus.Up"/> or null: what life cycle and health checks say. Any other holds until it is set anew; an
    /// application that is starting or leaving is not <c>UP</c> whatever is set here.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> is no status.</exception>
    void SetStatus(InstanceStatus? status);

    /// <summary>Sets or removes an entry of the metadata.</summary>
    /// <param name="key">The key; case matters.</param>
    /// <param name="value">The value; null removes the entry.</param>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty, or key or value hold control characters.</exception>
    void SetMetadata(string key, string? value);
}
