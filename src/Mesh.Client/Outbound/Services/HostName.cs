using System.Text;

namespace Mesh.Client.Outbound.Services;

/// <summary>What an address tells before anything is looked up.</summary>
internal static class HostName
{
    /// <summary>The scheme that always means a service of the mesh.</summary>
    public const string MeshScheme = "mesh";

    /// <summary>Whether the mesh handles the scheme. Any other belongs to another protocol, whatever the host.</summary>
    /// <remarks>Those with a plus are of Microsoft.Extensions.ServiceDiscovery: the scheme of the endpoint, whichever it has.</remarks>
    public static bool IsCallable(Uri uri) =>
        // Known schemes are one object each, which this compares first.
        uri.Scheme is var scheme
        && (scheme == Uri.UriSchemeHttp || scheme == Uri.UriSchemeHttps || scheme == Uri.UriSchemeWs || scheme == Uri.UriSchemeWss
            || scheme == MeshScheme || scheme is "https+http" or "http+https");

    /// <summary>The address that HTTP reads a service name as: <c>http://123/</c> goes to 0.0.0.123. Null for any other name.</summary>
    /// <remarks>The scheme <c>mesh</c> has no such rule: <c>mesh://123/</c> calls the service.</remarks>
    public static string? AddressOf(string name) =>
        // Addresses begin with a digit, except for the names of this machine: most names end here.
        name.Length > 0
        && (char.IsAsciiDigit(name[0]) || name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || name.Equals("loopback", StringComparison.OrdinalIgnoreCase))
        && Uri.TryCreate($"http://{name}/", UriKind.Absolute, out var uri)
        && (uri.HostNameType == UriHostNameType.IPv4 || uri.IsLoopback)
            ? uri.Host
            : null;

    /// <summary>The A-label of a name with letters beyond ASCII, the only form in which it can be listed; null for any other.</summary>
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
