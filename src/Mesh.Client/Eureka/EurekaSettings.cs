using Mesh.Client.Model;
using Mesh.Client.Options;

namespace Mesh.Client.Eureka;

/// <summary><see cref="EurekaOptions"/> with every default filled in.</summary>
internal sealed record EurekaSettings
{
    // Below this a loop would only overload the registry. The validator refuses such values; this guards against code that skips it.
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan DefaultHeartbeatInterval = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan DefaultLeaseDuration = TimeSpan.FromSeconds(90);

    public required IReadOnlyList<string> ServiceUrls { get; init; }

    public required bool Fetch { get; init; }

    public required bool Register { get; init; }

    public required TimeSpan FetchInterval { get; init; }

    public required TimeSpan HeartbeatInterval { get; init; }

    public required TimeSpan LeaseDuration { get; init; }

    public required TimeSpan RequestTimeout { get; init; }

    /// <summary>Whether instances are called by their IP address. Independent of how this application registers.</summary>
    public required bool CallByIPAddress { get; init; }

    /// <summary>Whether instances with two ports are called at the one for TLS.</summary>
    public required bool PreferSecurePort { get; init; }

    /// <summary>How far the source is trusted.</summary>
    public required EndpointOrigin Origin { get; init; }

    public required TimeSpan EmptyRegistryGrace { get; init; }

    public static EurekaSettings From(DiscoveryOptions options)
    {
        var eureka = options.Eureka;
        string[] urls = [.. EurekaServers.All(eureka)];
        return new EurekaSettings
        {
            ServiceUrls = urls,
            Fetch = urls.Length > 0 && (eureka.Fetch ?? true),
            Register = urls.Length > 0 && (eureka.Register ?? true),
            FetchInterval = AtLeast(eureka.FetchInterval ?? TimeSpan.FromSeconds(30)),
            HeartbeatInterval = AtLeast(eureka.HeartbeatInterval ?? DefaultHeartbeatInterval),
            LeaseDuration = AtLeast(eureka.LeaseDuration ?? DefaultLeaseDuration),
            RequestTimeout = AtLeast(eureka.RequestTimeout ?? TimeSpan.FromSeconds(8)),
            CallByIPAddress = eureka.CallByIPAddress ?? false,
            PreferSecurePort = eureka.PreferSecurePort ?? false,
            // Only if all of them are on loopback: any of them may be the one that answers.
            Origin = urls.Length > 0 && Array.TrueForAll(urls, IsOnLoopback) ? EndpointOrigin.LoopbackSource : EndpointOrigin.Source,
            EmptyRegistryGrace = options.EmptyRegistryGrace,
        };
    }

    private static bool IsOnLoopback(string url) =>
        Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri) && EndpointPolicy.IsLoopbackHost(uri.IdnHost);

    private static TimeSpan AtLeast(TimeSpan value) => value < MinInterval ? MinInterval : value;
}
