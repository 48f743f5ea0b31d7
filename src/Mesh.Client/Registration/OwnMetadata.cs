using Mesh.Client.Options;

namespace Mesh.Client.Registration;

/// <summary>What the configuration says about this application beside its address.</summary>
internal static class OwnMetadata
{
    /// <summary>The more explicit setting wins: labels, then version and zone of the identity, then the registration's own
    /// metadata.</summary>
    public static Dictionary<string, string> Of(MeshOptions options)
    {
        var metadata = new Dictionary<string, string>(options.Service.Labels, StringComparer.Ordinal);
        if (options.Service.Version is { Length: > 0 } version)
        {
            metadata["version"] = version;
        }

        if (options.Service.Zone is { Length: > 0 } zone)
        {
            metadata["zone"] = zone;
        }

        foreach (var (key, value) in options.Discovery.Eureka.Metadata)
        {
            metadata[key] = value;
        }

        return metadata;
    }
}
