namespace Mesh.Client;

/// <summary>Changes settings while the application runs, for a time. Get it from the service provider.</summary>
/// <remarks>Safe to call from any thread. Nothing is kept over a restart. Every change, and its end, is logged with its reason (events 130
/// to 132). They count more than any other source but section <c>Mesh:Override</c>; what protects (TLS, credentials, context) they can only
/// make stricter.</remarks>
public interface IMeshOverrides
{
    /// <summary>The changes in force.</summary>
    IReadOnlyList<MeshOverride> Current { get; }

    /// <summary>Changes settings of one service, or of all, in place of an earlier change of the same.</summary>
    /// <param name="change">What to change, for how long and why.</param>
    /// <returns>Whether it is in force; otherwise nothing has changed.</returns>
    MeshUpdateResult Apply(MeshOverride change);

    /// <summary>Ends a change before its time.</summary>
    /// <param name="service">The service name; null for the change of all services.</param>
    /// <returns>False if there was none.</returns>
    /// <exception cref="ArgumentException"><paramref name="service"/> is empty.</exception>
    bool Remove(string? service);
}
