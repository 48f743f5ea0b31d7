using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Model;

/// <summary>One validated state of the configuration, immutable; a reload publishes the next one.</summary>
internal sealed class MeshModel
{
    private readonly FrozenDictionary<string, ServiceOptions> _own;
    private readonly FrozenDictionary<string, ServiceOptions> _over;
    private readonly FrozenDictionary<string, ServiceModel> _services;
    private readonly IEnumerable<SettingsLayer> _further;

    /// <summary>Makes the model of a configuration.</summary>
    /// <param name="options">Validated; they do not change any more.</param>
    /// <param name="generation">See <see cref="Generation"/>.</param>
    /// <param name="further">What other sources say about all services.</param>
    public MeshModel(MeshOptions options, int generation, IEnumerable<SettingsLayer>? further = null)
    {
        Options = options;
        _further = further ?? [];
        Generation = generation;
        IsEnabled = options.Enabled;
        EndpointPolicy = new EndpointPolicy(options.Security.Endpoints);
        Context = ContextSettings.From(options);
        TrustedNetworks = new TrustedNetworks(options.Inbound.TrustedNetworks);

        // While no network is listed, the application's own services are untrusted, too: their traces must not be split.
        LinksTraces = IsEnabled
            && (options.Inbound.UntrustedTraceContext
                ?? (options.Inbound.TrustedNetworks.Count > 0 ? UntrustedTraceContext.Link : UntrustedTraceContext.Continue))
                == UntrustedTraceContext.Link;
        DomainSuffix = options.Domain is { Length: > 0 } domain ? "." + domain.TrimStart('.') : null;

        // The dictionaries can be replaced in code by some that tell names apart by case.
        _own = options.Services.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _over = options.Override.Services.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

        // Last: they point to this model.
        DefaultSettings = IsEnabled ? ServiceSetting.Merge(DefaultLayers(_further), null) : new ServiceOptions();
        Defaults = ServiceModel.Create(null, DefaultSettings, this);
        _services = Names().ToFrozenDictionary(static name => name, name => Make(name, []), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The options behind this model. They do not change after validation.</summary>
    public MeshOptions Options { get; }

    /// <summary>1 for the configuration at start, one more for each accepted reload.</summary>
    public int Generation { get; }

    /// <summary>Whether the mesh does anything. If not, this model has no services, so that their background work ends (probes, for
    /// one).</summary>
    public bool IsEnabled { get; }

    /// <summary>The model of every service that nobody says anything about.</summary>
    public ServiceModel Defaults { get; }

    /// <summary>What all sources say about all services.</summary>
    public ServiceOptions DefaultSettings { get; }

    /// <summary>The endpoints that sources may name.</summary>
    public EndpointPolicy EndpointPolicy { get; }

    /// <summary>The names under <c>Mesh:Services</c> and <c>Mesh:Override</c>, by what the configuration says.</summary>
    public IReadOnlyDictionary<string, ServiceModel> Services => _services;

    /// <summary>The context that calls carry.</summary>
    public ContextSettings Context { get; }

    /// <summary>Networks of trusted callers.</summary>
    public TrustedNetworks TrustedNetworks { get; }

    /// <summary>Whether a request of an untrusted caller begins a trace of its own.</summary>
    public bool LinksTraces { get; }

    /// <summary><c>Mesh:Domain</c> with its leading dot, or null.</summary>
    public string? DomainSuffix { get; }

    /// <summary>The model of a service by what the configuration says.</summary>
    public ServiceModel Of(string service) => _services.GetValueOrDefault(service, Defaults);

    /// <summary>The model of a service by what the configuration and other sources say.</summary>
    public ServiceModel Make(string service, ImmutableArray<SettingsLayer> further)
    {
        var layers = Layers(service, further);
        var isNamed = layers.Any(static layer => layer.IsLocal);
        var rank = ServiceSetting.Endpoints.Deciding(layers, null)?.Rank ?? MeshSourceRank.Configuration;
        return ServiceModel.Create(ServiceSetting.Merge(layers, DefaultSettings), DefaultSettings, this, isNamed, rank, further);
    }

    /// <summary>Everything that is said about a service, the highest rank first.</summary>
    public SettingsLayer[] Layers(string service, IEnumerable<SettingsLayer> further)
    {
        var (over, own) = (_over.GetValueOrDefault(service), _own.GetValueOrDefault(service));
        return SettingsLayer.InOrder([.. Local(MeshSourceRank.Override, over), .. Local(MeshSourceRank.Configuration, own), .. further]);
    }

    /// <summary>Everything that is said about all services, the highest rank first.</summary>
    public SettingsLayer[] DefaultLayers(IEnumerable<SettingsLayer> further) => SettingsLayer.InOrder(
    [
        .. Local(MeshSourceRank.Override, Options.Override.Defaults),
        .. Local(MeshSourceRank.Configuration, Options.Defaults),
        .. further,
    ]);

    /// <summary>Who says what a setting of all services is, for messages.</summary>
    public string WhoSaysOfAll(ServiceSetting setting) => setting.Deciding(DefaultLayers(_further), null) switch
    {
        { Rank: MeshSourceRank.Override } => $"Mesh:Override:Defaults:{setting.Key}",
        { IsLocal: false } layer => $"{setting.Key} at '{layer.Source}'",
        _ => $"Mesh:Defaults:{setting.Key}",
    };

    private static IEnumerable<SettingsLayer> Local(MeshSourceRank rank, ServiceOptions? settings) =>
        settings is null ? [] : [new SettingsLayer("configuration", rank, settings)];

    private IEnumerable<string> Names() => IsEnabled ? _own.Keys.Union(_over.Keys, StringComparer.OrdinalIgnoreCase) : [];
}
