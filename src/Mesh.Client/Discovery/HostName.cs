using System.Globalization;
using System.Text;

namespace Mesh.Client.Discovery;

/// <summary>What an address says before anything is looked up.</summary>
internal static class HostName
{
    /// <summary>The scheme that is never anything but a service of the mesh.</summary>
    public const string MeshScheme = "mesh";

    private static readonly IdnMapping Idn = new();

    /// <summary>Whether the mesh speaks the scheme. Any other is another protocol's, whatever the host.</summary>
    public static bool IsCallable(Uri uri) =>
        // Known schemes are one object each, which this compares first.
        uri.Scheme is var scheme
        && (scheme == Uri.UriSchemeHttp || scheme == Uri.UriSchemeHttps || scheme == Uri.UriSchemeWs || scheme == Uri.UriSchemeWss || scheme == MeshScheme);

    /// <summary>The A-label of a name with letters beyond ASCII, or the name that an A-label stands for; null where there is only one form.</summary>
    public static string? OtherForm(Uri uri)
    {
        var host = uri.Host;
        try
        {
            return !Ascii.IsValid(host) ? uri.IdnHost
                : host.Contains("xn--", StringComparison.OrdinalIgnoreCase) ? Idn.GetUnicode(host)
                : null;
        }
        catch (ArgumentException)
        {
            // Only looks like an A-label.
            return null;
        }
    }
}
