namespace Mesh.Client;

/// <summary>The answer to a <see cref="MeshUpdate"/>.</summary>
public sealed class MeshUpdateResult
{
    private MeshUpdateResult(IReadOnlyList<string> reasons) => Reasons = reasons;

    /// <summary>Every mistake, each a sentence that begins with the place; empty if there is none.</summary>
    public IReadOnlyList<string> Reasons { get; }

    /// <summary>Whether the update is in force. If not, nothing has changed.</summary>
    public bool IsAccepted => Reasons.Count == 0;

    /// <summary>The update is in force.</summary>
    public static MeshUpdateResult Accepted { get; } = new([]);

    /// <summary>The update is refused.</summary>
    /// <param name="reasons">Every mistake.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="ArgumentException">There is no reason.</exception>
    public static MeshUpdateResult Refused(IReadOnlyList<string> reasons)
    {
        ArgumentNullException.ThrowIfNull(reasons);
        ArgumentOutOfRangeException.ThrowIfZero(reasons.Count, nameof(reasons));
        return new MeshUpdateResult(reasons);
    }
}
