using Mesh.Client.Primitives;

namespace Mesh.Client.Discovery;

/// <summary>What sources say of themselves. They may be the application's own.</summary>
internal static class SourceIdentity
{
    /// <summary>Names that stand for others than sources, wherever it is said who has decided.</summary>
    private static readonly string[] Reserved = ["configuration", RunTimeOverrides.Name, "built-in"];

    /// <summary>What a source reads. One that throws says nothing.</summary>
    public static MeshSourceStatus StatusOf(IMeshSource source)
    {
        try
        {
            return source.Status is { Addresses: { } addresses } status && !addresses.Contains(null!)
                ? status is { Idle: { } idle } && Printable.Of(idle, RegistryLimits.Message) is var text && text != idle
                    ? new MeshSourceStatus { Addresses = addresses, Idle = text, IsRemembered = status.IsRemembered }
                    : status
                : MeshSourceStatus.Default;
        }
        catch (Exception)
        {
            return MeshSourceStatus.Default;
        }
    }

    /// <exception cref="InvalidOperationException">Two have one name, a name is none, or a rank is not for sources.</exception>
    public static void Check(IEnumerable<(string? Name, MeshSourceRank Rank, Type Type)> sources)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var source in sources)
        {
            var type = source.Type.Name;
            if (string.IsNullOrWhiteSpace(source.Name))
            {
                throw new InvalidOperationException($"The IMeshSource {type} has no name.");
            }

            if (!SourceName.IsUsable(source.Name))
            {
                throw new InvalidOperationException($"The name '{Printable.Of(source.Name)}' of the IMeshSource {type} is too long, or "
                    + "contains control characters or line breaks.");
            }

            if (Reserved.Contains(source.Name, StringComparer.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException($"The IMeshSource {type} must not be called '{source.Name}': that name stands for "
                    + "another place that settings come from.");
            }

            if (!seen.Add(source.Name))
            {
                throw new InvalidOperationException($"Two sources of the mesh have the name '{source.Name}' ({type} is one of them): a "
                    + "source's name is its identity.");
            }

            if (source.Rank is not (MeshSourceRank.Registry or MeshSourceRank.ControlPlane))
            {
                throw new InvalidOperationException($"The source '{source.Name}' of the mesh has the rank {source.Rank}: a source is a "
                    + "Registry or a ControlPlane.");
            }
        }
    }
}
