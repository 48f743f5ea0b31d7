namespace Mesh.Client;

/// <summary>This application's registration, to read and change at run time. Get it from the service provider.</summary>
/// <remarks>Safe to call from any thread and at any time. Changes are sent in the background until the registry accepts them. Before the
/// application is registered they are only kept.</remarks>
public interface IMeshRegistration
{
    /// <summary>The status that this application publishes: the result of its life cycle, its health checks and
    /// <see cref="SetStatus"/>.</summary>
    InstanceStatus Status { get; }

    /// <summary>The status that an operator has set at the registry instead of <see cref="Status"/>.</summary>
    /// <value>Null if nothing is set. Read from the registry with the heartbeats, so at most one interval old. The application
    /// never replaces it; the operator must remove it.</value>
    InstanceStatus? OverriddenBy { get; }

    /// <summary>The metadata that is published.</summary>
    IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Completes with the next change of <see cref="Status"/> or <see cref="Metadata"/>. To miss none, read it before
    /// them.</summary>
    Task NextChange { get; }

    /// <summary>Sets the status by hand.</summary>
    /// <param name="status"><see cref="InstanceStatus.Up"/> or null: the status follows life cycle and health checks. Any other status
    /// holds until the next call. An application that is starting or leaving is never <c>UP</c>, whatever is set here.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> is not a defined status.</exception>
    void SetStatus(InstanceStatus? status);

    /// <summary>Sets or removes an entry of the metadata.</summary>
    /// <param name="key">The key; case matters.</param>
    /// <param name="value">The value; null removes the entry.</param>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty, or key or value hold control characters.</exception>
    void SetMetadata(string key, string? value);
}
