using System.Text;

namespace Mesh.Client.Discovery;

/// <summary>What an address says before anything is looked up.</summary>
internal static class HostName
{
    /// <summary>The scheme that is never anything but a service of the mesh.</summary>
    public const string MeshScheme = "mesh";

    /// <summary>Whether the mesh speaks the scheme. Any other is another protocol's, whatever the host.</summary>
    public static bool IsCallable(Uri uri) =>
        // Known schemes are one object each, which this compares first.
        uri.Scheme is var scheme
        && (scheme == Uri.UriSchemeHttp || scheme == Uri.UriSchemeHttps || scheme == Uri.UriSchemeWs || scheme == Uri.UriSchemeWss || scheme == MeshScheme);

    /// <summary>The A-label of a name with letters beyond ASCII, under which alone it can be listed; null for any other.</summary>
    public static string? ALabel(Uri uri)
    {
        try
        {
            return Ascii.IsValid(uri.Host) ? null : uri.IdnHost;
        }
        catch (ArgumentException)
        {
            // Not a name at all.
            return null;
        }
    }
}
