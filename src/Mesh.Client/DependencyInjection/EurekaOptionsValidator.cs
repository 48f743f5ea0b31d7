using System.Net;

namespace Mesh.Client.DependencyInjection;

/// <summary>The ranges of the registry's settings, and the rules between them.</summary>
internal static class EurekaOptionsValidator
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    /// <param name="key">The key of the section.</param>
    /// <param name="urlsKey">Where the registry's addresses come from: the section, or Steeltoe's key.</param>
    /// <param name="options">What stands there.</param>
    /// <param name="mistakes">Takes what is found.</param>
    public static void Validate(string key, string urlsKey, EurekaOptions options, Mistakes mistakes)
    {
        // Registries are commonly given as http://user:password@host.
        mistakes.Addresses(urlsKey, options.ServiceUrls, userInfoAllowed: true);
        mistakes.Range($"{key}:FetchInterval", options.FetchInterval, ShortestInterval, Mistakes.Day);
        mistakes.Range($"{key}:HeartbeatInterval", options.HeartbeatInterval, ShortestInterval, Mistakes.Day);
        mistakes.Range($"{key}:LeaseDuration", options.LeaseDuration, ShortestInterval, Mistakes.Day);
        mistakes.Range($"{key}:RequestTimeout", options.RequestTimeout, TimeSpan.FromMilliseconds(1), Mistakes.Day);
        mistakes.Range($"{key}:Port", options.Port, 1, 65535);

        var heartbeat = options.HeartbeatInterval ?? TimeSpan.FromSeconds(30);
        var lease = options.LeaseDuration ?? TimeSpan.FromSeconds(90);
        if (lease <= heartbeat)
        {
            mistakes.Add(
                $"{key}:LeaseDuration",
                $"{lease} is not longer than HeartbeatInterval ({heartbeat}): the registry would drop this application between two heartbeats. Three times as long is usual.");
        }

        if (options.HostName is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            mistakes.Add($"{key}:HostName", $"'{host}' is not a host name.");
        }

        if (options.CaFile is { Length: > 0 } file && !File.Exists(file))
        {
            mistakes.Add($"{key}:CaFile", $"there is no file '{file}'.");
        }

        if (options.IPAddress is { } address && !IPAddress.TryParse(address, out _))
        {
            mistakes.Add($"{key}:IPAddress", $"'{address}' is not an IP address.");
        }
    }
}
