using System.Net;
using Mesh.Client.Configuration;
using Mesh.Client.Discovery;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Eureka;

/// <summary>The ranges of the registry's settings, and the rules between them.</summary>
internal sealed class EurekaOptionsValidator : ISettingsValidator
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);

    public void Validate(string root, MeshOptions options, ConfigurationErrors mistakes) =>
        Validate($"{root}:Discovery:Eureka", options.Discovery.Eureka, mistakes);

    private static void Validate(string key, EurekaOptions options, ConfigurationErrors mistakes)
    {
        // Registries are commonly given as http://user:password@host.
        mistakes.Addresses($"{key}:ServiceUrls", options.ServiceUrls, userInfoAllowed: true);
        foreach (var (zone, urls) in options.ZoneServiceUrls)
        {
            mistakes.Addresses($"{key}:ZoneServiceUrls:{zone}", urls, userInfoAllowed: true);
        }

        if (options.Proxy is { Length: > 0 } proxy
            && (!Uri.TryCreate(proxy, UriKind.Absolute, out var way)
                || (way.Scheme != Uri.UriSchemeHttp && way.Scheme != Uri.UriSchemeHttps)))
        {
            // Not shown: it may hold a password.
            mistakes.Add($"{key}:Proxy", "is not an absolute http or https address, such as http://proxy:3128.");
        }

        mistakes.Range($"{key}:ServerQuarantine", options.ServerQuarantine, TimeSpan.Zero, ConfigurationErrors.Day);
        mistakes.Range($"{key}:FetchInterval", options.FetchInterval, MinInterval, ConfigurationErrors.Day);
        mistakes.Range($"{key}:HeartbeatInterval", options.HeartbeatInterval, MinInterval, ConfigurationErrors.Day);
        mistakes.Range($"{key}:LeaseDuration", options.LeaseDuration, MinInterval, ConfigurationErrors.Day);
        mistakes.Range($"{key}:RequestTimeout", options.RequestTimeout, TimeSpan.FromMilliseconds(1), ConfigurationErrors.Day);
        mistakes.Range($"{key}:Port", options.Port, 1, 65535);
        mistakes.Range($"{key}:SecurePort", options.SecurePort, 1, 65535);
        mistakes.Range($"{key}:Health:Interval", options.Health.Interval, MinInterval, ConfigurationErrors.Day);
        mistakes.Range($"{key}:Health:CheckTimeout", options.Health.CheckTimeout, TimeSpan.FromMilliseconds(1), ConfigurationErrors.Day);
        mistakes.Range($"{key}:Health:FailuresBeforeDown", options.Health.FailuresBeforeDown, 1, int.MaxValue);
        mistakes.Range($"{key}:Health:SuccessesBeforeUp", options.Health.SuccessesBeforeUp, 1, int.MaxValue);
        mistakes.Known<EurekaDataCenter>($"{key}:DataCenter:Name", options.DataCenter.Name);
        if (options.DataCenter is { Metadata.Count: > 0, Name: not EurekaDataCenter.Amazon })
        {
            mistakes.Add($"{key}:DataCenter:Metadata", "is published for Amazon only. Set DataCenter:Name to Amazon, or use Metadata.");
        }

        ValidatePorts(key, options, mistakes);
        ValidatePage($"{key}:HomePageUrl", options.HomePageUrl, mistakes);
        ValidatePage($"{key}:StatusPageUrl", options.StatusPageUrl, mistakes);
        ValidatePage($"{key}:HealthCheckUrl", options.HealthCheckUrl, mistakes);
        ValidatePage($"{key}:SecureHealthCheckUrl", options.SecureHealthCheckUrl, mistakes);
        PublishedText.ValidateLine($"{key}:InstanceId", options.InstanceId, RegistryLimits.IdLength, mistakes);
        PublishedText.ValidateLine($"{key}:VipAddress", options.VipAddress, int.MaxValue, mistakes);
        PublishedText.ValidateLine($"{key}:SecureVipAddress", options.SecureVipAddress, int.MaxValue, mistakes);
        PublishedText.ValidateLine($"{key}:AppGroup", options.AppGroup, int.MaxValue, mistakes);
        PublishedText.ValidateLine($"{key}:AutoScalingGroup", options.AutoScalingGroup, int.MaxValue, mistakes);
        foreach (var (name, value) in options.DataCenter.Metadata)
        {
            PublishedText.ValidateLabel($"{key}:DataCenter:Metadata", name, value, mistakes);
        }

        foreach (var (name, value) in options.Metadata)
        {
            PublishedText.ValidateLabel($"{key}:Metadata", name, value, mistakes);
        }

        ValidateNames($"{key}:Vips", options.Vips, mistakes);
        ValidateNames($"{key}:Apps", options.Apps, mistakes);

        ValidateLease(key, options, mistakes);
        if (options.HostName is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            mistakes.Add($"{key}:HostName", $"'{host}' is not a host name.");
        }

        if (options.CaFile is { Length: > 0 } file && !File.Exists(file))
        {
            mistakes.Add($"{key}:CaFile", $"there is no file '{file}'.");
        }

        ValidateAddress($"{key}:IPAddress", options.IPAddress, mistakes);
    }

    /// <summary>Steeltoe's key may hold a name, as it may there; the mesh's own is what its name says.</summary>
    private static void ValidateAddress(string key, string? address, ConfigurationErrors mistakes)
    {
        // The parser of addresses takes [::1]:80, and drops the port.
        var kind = address is null ? UriHostNameType.IPv4 : Uri.CheckHostName(address);
        if (mistakes.Written(key) != key)
        {
            if (kind == UriHostNameType.Unknown)
            {
                mistakes.Add(key, $"'{address}' is neither an IP address nor a host name. Write it without scheme and port.");
            }
        }
        else if (kind == UriHostNameType.Unknown || (address is not null && !IPAddress.TryParse(address, out _)))
        {
            mistakes.Add(key, $"'{address}' is not an IP address. Write it without port; a name belongs under HostName.");
        }
    }

    /// <summary>Reports under the key that was written: the other of the two may have its default.</summary>
    private static void ValidateLease(string key, EurekaOptions options, ConfigurationErrors mistakes)
    {
        var heartbeat = options.HeartbeatInterval ?? EurekaSettings.DefaultHeartbeatInterval;
        var lease = options.LeaseDuration ?? EurekaSettings.DefaultLeaseDuration;
        if (lease > heartbeat)
        {
            return;
        }

        const string Consequence = "the registry would drop this application between two heartbeats. A lease three times as long is usual.";
        if (options.LeaseDuration is null)
        {
            mistakes.Add(
                $"{key}:HeartbeatInterval", $"{heartbeat} is not shorter than LeaseDuration ({lease}, the default): {Consequence}");
            return;
        }

        var own = $"{key}:HeartbeatInterval";
        var other = mistakes.Written(own) is var written && written == own ? "HeartbeatInterval" : written;
        var origin = options.HeartbeatInterval is null ? ", the default" : string.Empty;
        mistakes.Add($"{key}:LeaseDuration", $"{lease} is not longer than {other} ({heartbeat}{origin}): {Consequence}");
    }

    private static void ValidatePorts(string key, EurekaOptions options, ConfigurationErrors mistakes)
    {
        if (options is { PortEnabled: false, SecurePortEnabled: false })
        {
            mistakes.Add($"{key}:PortEnabled", "without a port for plain HTTP and one for TLS no caller can connect. Set Register to false "
                + "to stay out of the registry.");
        }
    }

    /// <summary>A path of the instance, or an absolute address, in which <c>${eureka.hostname}</c> stands for the registered
    /// host.</summary>
    private static void ValidatePage(string key, string? page, ConfigurationErrors mistakes)
    {
        if (page is not null && !Printable.IsLine(page))
        {
            PublishedText.ValidateLine(key, page, int.MaxValue, mistakes);
        }
        else if (page is not null && RegistrationPages.IsAbsolute(page)
            && !Uri.TryCreate(page.Replace("${eureka.hostname}", "host", StringComparison.Ordinal), UriKind.Absolute, out _))
        {
            mistakes.Add(key, $"'{page}' is neither a path, such as /health, nor an absolute address.");
        }
    }

    private static void ValidateNames(string key, IList<string> names, ConfigurationErrors mistakes)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(names[i]))
            {
                mistakes.Add($"{key}:{i}", "is empty; write the name of an application or VIP address.");
            }
        }
    }
}
