using System.Globalization;
using Microsoft.Extensions.Configuration;
using static Mesh.Client.Configuration.SteeltoeKeys;

namespace Mesh.Client.Configuration;

/// <summary>Finds mistakes in the keys of Steeltoe and Spring, and traces a mistake of a mesh key back to the key of theirs that it comes
/// from.</summary>
internal static class SteeltoeMistakes
{
    private const string OwnKeyOfPort = "Discovery:Eureka:Port";
    private const string OwnKeyOfSecurePort = "Discovery:Eureka:SecurePort";

    private static readonly string[] PlacesOfServers =
        [ServiceUrl, $"{ServiceUrl}:defaultZone", $"Eureka:Client:{PropertyOfServiceUrl}"];

    /// <summary>The keys that an application must not start with.</summary>
    public static void Validate(IConfiguration application, IConfigurationSection mesh, ConfigurationErrors mistakes)
    {
        foreach (var key in SteeltoeKeyTable.All)
        {
            if (key.Effect == SteeltoeEffect.Refused && key.IsConcerned(application[key.Path]) && IsInForce(application, mesh)
                && (key.Path != SpringRegistrationMethod || application[RegistrationMethod] is null))
            {
                mistakes.Add(key.Path, $"{key.Says}.");
            }
        }

        ValidateValues(application, mesh, mistakes);
        if (!mesh.GetSection(OwnKeyOfProxy).Exists() && (IsEnabled(application) || HasServers(mesh)))
        {
            ValidateProxy(ProxySection(application), mistakes);
        }
    }

    /// <summary>Checks the parts of a proxy: the address is built from them, and a mistake in it could be traced to no single
    /// part.</summary>
    private static void ValidateProxy(IConfigurationSection? section, ConfigurationErrors mistakes)
    {
        if (section is null)
        {
            return;
        }

        if (!IsHost(section[ProxyHost]!))
        {
            mistakes.Add(
                $"{section.Path}:{ProxyHost}",
                "is not a host name or address. Write it without scheme and port; the port has a key of its own.");
        }

        if (Port(section, ProxyPort) is > HighestPort and var port)
        {
            mistakes.Add(
                $"{section.Path}:{ProxyPort}", string.Create(CultureInfo.InvariantCulture, $"{port} is out of range, 1 to {HighestPort}."));
        }
    }

    private static void ValidateValues(IConfiguration application, IConfigurationSection mesh, ConfigurationErrors mistakes)
    {
        var counts = IsEnabled(application) || HasServers(mesh);
        HashSet<string> read = new(StringComparer.Ordinal);
        foreach (var key in InOrder())
        {
            // The name is the application's, with or without a registry.
            if (!counts && key.Says != NameOfApplication)
            {
                continue;
            }

            var own = OwnKey(key);
            if (key.Path.EndsWith(":*", StringComparison.Ordinal))
            {
                var entries = application.GetSection(key.Path[..^2]).GetChildren();
                foreach (var entry in entries.Where(entry => !mesh.GetSection($"{own}:{entry.Key}").Exists()))
                {
                    ValidateValue(key, entry.Path, entry.Value, mistakes);
                }
            }
            // Of several keys for one setting the first counts. A proxy has several parts, and each is checked.
            else if (!(key.Value?.Kind == KeyKind.Switch && own == Servers ? HasServers(mesh) : mesh.GetSection(own).Exists())
                && IsGiven(application, key)
                && (own == OwnKeyOfProxy || read.Add($"{own} {key.Value?.Kind}")))
            {
                ValidateValue(key, key.Path, application[key.Path], mistakes);
            }
        }
    }

    private static void ValidateValue(SteeltoeKey key, string path, string? value, ConfigurationErrors mistakes)
    {
        // Each address is checked by itself, as an address.
        if (value is not null && (key.Value is not null || OwnKey(key) is not (Servers or ZoneServers)) && key.Check(value) is { } fault)
        {
            mistakes.Unreadable(path, fault);
        }
    }

    /// <summary>Whether a key has a value that counts: a port that is 0 or below leaves it to the next key.</summary>
    private static bool IsGiven(IConfiguration application, SteeltoeKey key) =>
        !string.IsNullOrWhiteSpace(application[key.Path])
        && (OwnKey(key) is not (OwnKeyOfPort or OwnKeyOfSecurePort) || Whole(application, key.Path) is not <= 0);

    /// <summary>The key that was written for a key of the mesh: Steeltoe's, where the value comes from there.</summary>
    public static string Written(IConfiguration application, IConfigurationSection mesh, string key)
    {
        if (!key.StartsWith(mesh.Path + ":", StringComparison.OrdinalIgnoreCase))
        {
            return key;
        }

        var own = key[(mesh.Path.Length + 1)..];
        if (own.StartsWith(Servers + ":", StringComparison.OrdinalIgnoreCase)
            || own.StartsWith(ZoneServers + ":", StringComparison.OrdinalIgnoreCase))
        {
            // An empty entry of the mesh's own counts as none.
            return HasServers(mesh) ? key : WrittenServers(application, own) ?? key;
        }

        if (mesh.GetSection(own).Exists())
        {
            return key;
        }

        if (own.Equals(OwnKeyOfProxy, StringComparison.OrdinalIgnoreCase))
        {
            return ProxySection(application) is { } proxy ? $"{proxy.Path}:{ProxyHost}" : key;
        }

        foreach (var known in InOrder())
        {
            var says = OwnKey(known);
            if (own.Equals(says, StringComparison.OrdinalIgnoreCase))
            {
                if (IsGiven(application, known))
                {
                    return known.Path;
                }
            }
            else if (known.Path.EndsWith(":*", StringComparison.Ordinal) && own.StartsWith(says + ":", StringComparison.OrdinalIgnoreCase))
            {
                var entry = known.Path[..^1] + own[(says.Length + 1)..];
                if (application[entry] is not null)
                {
                    return entry;
                }
            }
        }

        return key;
    }

    /// <summary>The key of the addresses: one text holds them all. Null where the place is not in it.</summary>
    private static string? WrittenServers(IConfiguration application, string own)
    {
        var last = own.LastIndexOf(':');
        var written = own.StartsWith(ZoneServers + ":", StringComparison.OrdinalIgnoreCase) && last > ZoneServers.Length
            ? $"{ServiceUrl}:{own[(ZoneServers.Length + 1)..last]}"
            : Array.Find(PlacesOfServers, key => List(application[key]).Count > 0);
        return written is not null
            && int.TryParse(own.AsSpan(last + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < List(application[written]).Count
                ? written
                : null;
    }

    /// <summary>Whether the registry is the one that Steeltoe's keys name.</summary>
    private static bool IsInForce(IConfiguration application, IConfigurationSection mesh) =>
        IsEnabled(application)
        && (application.GetSection(ServiceUrl).Exists() || application[$"Eureka:Client:{PropertyOfServiceUrl}"] is not null)
        && !HasServers(mesh);
}
