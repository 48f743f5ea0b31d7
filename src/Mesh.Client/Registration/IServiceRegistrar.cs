using Mesh.Client.Options;

namespace Mesh.Client.Registration;

/// <summary>Registers this application with one registry, and removes it again. The life cycle decides when.</summary>
/// <remarks>Everything else that is announced (status, metadata) is read from <see cref="OwnRegistration"/>.</remarks>
internal interface IServiceRegistrar
{
    /// <summary>Whether the configuration asks for a registration.</summary>
    bool IsWanted { get; }

    /// <summary>Whether callers may know this application: it may have been announced as UP.</summary>
    bool IsAnnouncedUp { get; }

    /// <summary>Decides the content of the registration.</summary>
    /// <param name="listening">The addresses that the server listens on.</param>
    /// <returns>The id of this instance; null if no caller could connect to these addresses.</returns>
    string? Prepare(IEnumerable<string> listening);

    /// <summary>Begins to register the prepared content, in the background. Called once.</summary>
    void Begin();

    /// <summary>Applies changed settings to the registration as far as possible, and reports what cannot change.</summary>
    /// <param name="atStart">The settings that the application started with.</param>
    void FollowReloads(MeshOptions atStart);

    /// <summary>Ends the background work, so that none of it can undo the deregistration.</summary>
    /// <param name="cancellationToken">Cancelled when there is no time to wait.</param>
    Task EndAsync(CancellationToken cancellationToken);

    /// <summary>Announces that the application takes no further calls. After <see cref="EndAsync"/>; does not throw.</summary>
    Task AnnounceDownAsync(CancellationToken cancellationToken);

    /// <summary>Removes the registration, if there ever was one. Does not throw.</summary>
    Task RemoveAsync(CancellationToken cancellationToken);
}
