using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Configuration;

/// <summary>Which settings in force lower security. Each is named in one warning per start, and in a
/// gauge for as long as it is in force.</summary>
/// <remarks>A new setting of this kind gets a line in <see cref="Settings"/>; a test holds the public options against it.</remarks>
internal sealed partial class SecurityDowngrades
{
    /// <summary>Every setting that can lower security, with the consequence. The functions are told whether services are read from a
    /// registry.</summary>
    internal static readonly (string Consequence, Func<MeshModel, bool, IEnumerable<SecurityDowngrade>> Find)[] Settings =
    [
        ("whoever can write to the registry can reach what listens on this machine only",
            static (model, _) => model.Options.Security.Endpoints.AllowLoopback == true ? [new("Security:Endpoints:AllowLoopback", null)] : []),
        ("the users' tokens can be read on the network and used until they expire", static (model, _) => InsecureCredentials(model)),
        ("whoever can register an instance with any valid certificate gets the users' tokens: set TlsName of the service, or "
            + "Mesh:Security:Endpoints:AllowedHostSuffixes", UnnamedReceivers),
        ("attempt, criticality, labels and baggage are accepted from nearly every caller",
            static (model, _) => model.Options.Inbound.TrustedNetworks.Any(TrustedNetworks.IsVast)
                ? [new("Inbound:TrustedNetworks", null)] : []),
    ];

    private readonly HashSet<SecurityDowngrade> _reported = [];
    private readonly string _root;
    private readonly IMeshSource[] _sources;
    private readonly GuardedLogger<LogCategories.SecurityDowngrades> _logger;
    private SecurityDowngrade[] _current = [];

    public SecurityDowngrades(
        ModelInForce model,
        MeshConfigurationSource source,
        IEnumerable<IMeshSource> sources,
        GuardedLogger<LogCategories.SecurityDowngrades> logger)
    {
        _sources = [.. sources];
        _root = source.Mesh.Path;
        _logger = logger;
        Take(model.Current);
        model.OnChange(Take);
    }

    public IReadOnlyList<SecurityDowngrade> Current => Volatile.Read(ref _current);

    /// <summary>A registry decides where tokens go, and it also decides which name the certificate must have.</summary>
    private static IEnumerable<SecurityDowngrade> UnnamedReceivers(MeshModel model, bool registryRead)
    {
        const string Key = "Credentials:Mode";
        if (!registryRead || model.Options.Security.Endpoints.AllowedHostSuffixes.Count > 0)
        {
            yield break;
        }

        if (model.Defaults.Credentials.Mode == CredentialMode.Propagate)
        {
            yield return new(PlaceOf(model, Key), null);
        }

        foreach (var (name, service) in model.Services)
        {
            if (service is { Transport.TlsName: null, Endpoints.Length: 0, Credentials.Mode: CredentialMode.Propagate })
            {
                yield return new(PlaceOf(model, Key, name), name.ToLowerInvariant());
            }
        }
    }

    private static IEnumerable<SecurityDowngrade> InsecureCredentials(MeshModel model)
    {
        const string Key = "Credentials:AllowInsecureTransport";
        if (model.Defaults.Credentials.SendsInsecurely)
        {
            yield return new(PlaceOf(model, Key), null);
        }

        foreach (var (name, service) in model.Services)
        {
            if (service.Credentials.SendsInsecurely)
            {
                yield return new(PlaceOf(model, Key, name), name.ToLowerInvariant());
            }
        }
    }

    /// <summary>The key of the setting of all services, below the root.</summary>
    private static string PlaceOf(MeshModel model, string key) =>
        $"{Override(model.DefaultLayers([]), key)}Defaults:{key}";

    /// <summary>The key of the setting of a service, below the root.</summary>
    private static string PlaceOf(MeshModel model, string key, string service) =>
        $"{Override(model.Layers(service, []), key)}Services:*:{key}";

    private static string Override(IReadOnlyList<SettingsLayer> layers, string key) =>
        ServiceSetting.All.Single(setting => setting.Key == key).Deciding(layers, null)?.Rank == MeshSourceRank.Override
            ? "Override:" : string.Empty;

    // Called by the constructor, then by reloads, which come one at a time.
    private void Take(MeshModel view)
    {
        List<SecurityDowngrade> current = [];
        var registryRead = Array.Exists(_sources, static source => SourceIdentity.StatusOf(source).ReadsRegistry);

        // Nothing is in force while the mesh is off.
        foreach (var (consequence, find) in view.IsEnabled ? Settings : [])
        {
            foreach (var setting in find(view, registryRead))
            {
                current.Add(setting);
                if (_reported.Add(setting))
                {
                    LogLowered(
                        _logger,
                        $"{_root}:{setting.Path}",
                        setting.Service is { } service ? $" for service '{service}'" : string.Empty,
                        consequence);
                }
            }
        }

        Volatile.Write(ref _current, [.. current]);
    }

    [LoggerMessage(1710, LogLevel.Warning, "{Key} lowers security{Service}: {Consequence}.", EventName = "SecurityLowered")]
    private static partial void LogLowered(ILogger logger, string key, string service, string consequence);
}
