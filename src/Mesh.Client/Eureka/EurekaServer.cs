using System.Net.Http.Headers;
using System.Text;

namespace Mesh.Client.Eureka;

/// <summary>One registry server: its address, its credentials, and its name for logs, which never contains the credentials.</summary>
internal sealed class EurekaServer
{
    private EurekaServer(Uri root, AuthenticationHeaderValue? authorization)
    {
        Root = root;
        Authorization = authorization;
        Name = root.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>The address that the paths of the protocol follow, with a slash at its end.</summary>
    public Uri Root { get; }

    public AuthenticationHeaderValue? Authorization { get; }

    /// <summary>Scheme, host and port.</summary>
    public string Name { get; }

    /// <summary>The servers of the usable addresses; the validator reports the others.</summary>
    public static EurekaServer[] From(IEnumerable<string> urls) => [.. urls.Select(Create).OfType<EurekaServer>()];

    private static EurekaServer? Create(string url)
    {
        if (!Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            return null;
        }

        var root = new UriBuilder(uri.Scheme, uri.Host, uri.Port, uri.AbsolutePath.TrimEnd('/') + "/").Uri;
        return new EurekaServer(root, uri.UserInfo.Length == 0 ? null : Basic(uri));
    }

    private static AuthenticationHeaderValue Basic(Uri uri)
    {
        var (user, password) = UserInfo.Of(uri);
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }
}
