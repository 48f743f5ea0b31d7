using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>The settings that one source gives to one subject, as far as it says any.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Rank">How much its word counts.</param>
/// <param name="Settings">Must not change.</param>
internal sealed record SettingsLayer(string Source, MeshSourceRank Rank, ServiceOptions Settings)
{
    /// <summary>Whether it is the operator of this application who says it, and so may loosen what protects.</summary>
    public bool IsLocal => Rank is MeshSourceRank.Configuration or MeshSourceRank.Override;

    /// <summary>Whether it is this source's word already.</summary>
    public bool SaysTheSame(SettingsLayer other) =>
        Source == other.Source && Rank == other.Rank && ServiceSetting.AreEqual(Settings, other.Settings);

    /// <summary>The highest rank first; equal ranks by name, so that the result does not depend on who came first.</summary>
    public static SettingsLayer[] InOrder(IEnumerable<SettingsLayer> layers) =>
        [.. layers.OrderByDescending(static layer => layer.Rank).ThenBy(static layer => layer.Source, StringComparer.Ordinal)];
}
