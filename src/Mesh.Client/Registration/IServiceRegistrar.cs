namespace Mesh.Client;

/// <summary>Registers this application with one registry, and removes it again. Register an implementation as a singleton to add
/// one.</summary>
/// <remarks>The life cycle decides when, and calls the methods in the order in which they stand here. What is announced beside the address
/// (status, metadata) is read from <see cref="IMeshRegistration"/>. A method that throws, or takes longer than 10 s, is logged (event
/// 2213), and the application goes on without it.</remarks>
public interface IServiceRegistrar
{
    /// <summary>A short name for messages and logs, such as <c>eureka</c>.</summary>
    string Name { get; }

    /// <summary>Whether the configuration asks for a registration. Asked before the server listens, too.</summary>
    bool IsWanted { get; }

    /// <summary>Whether callers may know this application: it may have been announced as <see cref="InstanceStatus.Up"/>. Then it drains
    /// before it stops.</summary>
    bool IsAnnouncedUp { get; }

    /// <summary>Decides the content of the registration. Called once, when the server listens, also where none is wanted.</summary>
    /// <param name="instance">This application.</param>
    /// <returns>The id of the instance in the registry, by which callers in this process know it from others; null for no
    /// registration: none is wanted, or no caller could connect.</returns>
    string? Prepare(OwnInstance instance);

    /// <summary>Begins to register what was prepared, in the background, and to follow <see cref="IMeshRegistration.NextChange"/>. Called
    /// once, and only if there is something. The status is <see cref="InstanceStatus.Starting"/> until the application is ready.</summary>
    void Begin();

    /// <summary>Ends the background work, so that none of it can undo what follows.</summary>
    /// <param name="cancellationToken">Cancelled when there is no time to wait: after 10 s at the latest.</param>
    /// <returns>A task that ends with it.</returns>
    Task EndAsync(CancellationToken cancellationToken);

    /// <summary>Announces that the application takes no further calls. It still serves for a while.</summary>
    /// <param name="cancellationToken">Cancelled when there is no time to wait: after 10 s at the latest.</param>
    /// <returns>A task that ends when the registry knows.</returns>
    Task AnnounceDownAsync(CancellationToken cancellationToken);

    /// <summary>Removes the registration, if there ever was one. The last request has ended.</summary>
    /// <param name="cancellationToken">Cancelled when there is no time to wait: after 10 s at the latest.</param>
    /// <returns>A task that ends when the registry knows.</returns>
    Task RemoveAsync(CancellationToken cancellationToken);
}
