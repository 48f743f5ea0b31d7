using System.Net.Http.Headers;
using System.Text;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>One registry server: where requests go, how they authenticate, and its name for logs, which never holds the credentials.</summary>
internal sealed class EurekaServer
{
    private EurekaServer(Uri apps, AuthenticationHeaderValue? authorization)
    {
        Apps = apps;
        Authorization = authorization;
        Name = apps.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>The address of the list of applications, with a slash at its end.</summary>
    public Uri Apps { get; }

    public AuthenticationHeaderValue? Authorization { get; }

    /// <summary>Scheme, host and port.</summary>
    public string Name { get; }

    /// <summary>The servers of the usable addresses; the configuration's validator reports the others.</summary>
    public static EurekaServer[] From(IEnumerable<string> urls) => [.. urls.Select(Create).OfType<EurekaServer>()];

    private static EurekaServer? Create(string url)
    {
        if (!Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            return null;
        }

        var apps = new UriBuilder(uri.Scheme, uri.Host, uri.Port, uri.AbsolutePath.TrimEnd('/') + "/apps/").Uri;
        return new EurekaServer(apps, uri.UserInfo.Length == 0 ? null : Basic(uri.UserInfo));
    }

    private static AuthenticationHeaderValue Basic(string userInfo)
    {
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        var user = Uri.UnescapeDataString(colon < 0 ? userInfo : userInfo[..colon]);
        var password = colon < 0 ? string.Empty : Uri.UnescapeDataString(userInfo[(colon + 1)..]);
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }
}
