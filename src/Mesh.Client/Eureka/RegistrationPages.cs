using System.Globalization;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>The addresses of a registration for people and monitoring.</summary>
internal sealed record RegistrationPages(string Home, string Status, string HealthCheck, string? SecureHealthCheck)
{
    /// <summary>Placeholder for the registered host, used by configurations written for Netflix's client.</summary>
    private const string HostPlaceholder = "${eureka.hostname}";

    public static RegistrationPages Of(AdvertisedAddress address, RegistrationDetails details)
    {
        var secure = address.SecurePort is { } port ? Root(Uri.UriSchemeHttps, address.HostName, port) : null;
        var root = address.Port is { } plain
            ? Root(Uri.UriSchemeHttp, address.HostName, plain)
            : secure ?? Root(Uri.UriSchemeHttp, address.HostName, 80);
        var health = details.HealthCheck ?? "/health";
        return new RegistrationPages(
            Absolute(details.HomePage ?? "/", root, address.HostName),
            Absolute(details.StatusPage ?? "/info", root, address.HostName),
            Absolute(health, root, address.HostName),
            details.SecureHealthCheck is { } configured ? Absolute(configured, secure ?? root, address.HostName)
                : secure is null ? null
                : Absolute(IsAbsolute(health) ? "/health" : health, secure, address.HostName));
    }

    /// <summary>Whether it is more than a path.</summary>
    public static bool IsAbsolute(string page) =>
        page.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || page.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static string Absolute(string page, string root, string host) =>
        IsAbsolute(page) ? page.Replace(HostPlaceholder, host, StringComparison.Ordinal)
        : page.StartsWith('/') ? root + page
        : $"{root}/{page}";

    private static string Root(string scheme, string host, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{port}");
}
