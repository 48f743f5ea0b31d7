namespace Mesh.Client.Registration;

/// <summary>Makes this application known to one registry, and takes it off again. The life cycle says when.</summary>
/// <remarks>What is announced besides (status, metadata) is read from <see cref="OwnRegistration"/>.</remarks>
internal interface IServiceRegistrar
{
    /// <summary>Whether the configuration asks for a registration.</summary>
    bool IsWanted { get; }

    /// <summary>Whether callers may have learned of this application: it may have been announced as UP.</summary>
    bool IsAnnouncedUp { get; }

    /// <summary>Decides what to register.</summary>
    /// <param name="listening">The addresses that the server listens on.</param>
    /// <returns>The id of this instance; null if nobody could connect to these addresses.</returns>
    string? Prepare(IEnumerable<string> listening);

    /// <summary>Begins to register what was prepared, in the background. Called once.</summary>
    void Begin();

    /// <summary>Takes changed settings over to the registration as far as that can change, and says what cannot.</summary>
    /// <param name="atStart">The settings that the application started with.</param>
    void FollowReloads(MeshOptions atStart);

    /// <summary>Ends what runs in the background, so that nothing of it can undo the farewell.</summary>
    /// <param name="cancellationToken">Cancelled when there is no time to wait.</param>
    Task EndAsync(CancellationToken cancellationToken);

    /// <summary>Announces that the application takes no further calls. After <see cref="EndAsync"/>; does not throw.</summary>
    Task AnnounceDownAsync(CancellationToken cancellationToken);

    /// <summary>Removes the registration, if there ever was one. Does not throw.</summary>
    Task RemoveAsync(CancellationToken cancellationToken);
}
