using System.Collections.Frozen;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Model;

/// <summary>One validated state of the configuration, immutable; a reload publishes the next one.</summary>
internal sealed class MeshModel
{
    private readonly FrozenDictionary<string, ServiceModel> _services;

    public MeshModel(MeshOptions options, int generation)
    {
        Options = options;
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

        // Last: they point to this model.
        Defaults = ServiceModel.Create(null, IsEnabled ? options.Defaults : new ServiceOptions(), this);
        _services = (IsEnabled ? options.Services : new Dictionary<string, ServiceOptions>()).ToFrozenDictionary(
            pair => pair.Key,
            pair => ServiceModel.Create(pair.Value, options.Defaults, this),
            StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The options behind this model. They do not change after validation.</summary>
    public MeshOptions Options { get; }

    /// <summary>1 for the configuration at start, one more for each accepted reload.</summary>
    public int Generation { get; }

    /// <summary>Whether the mesh does anything. If not, this model has no services, so that their background work ends (probes, for
    /// one).</summary>
    public bool IsEnabled { get; }

    /// <summary>The model of every service that is not under <c>Mesh:Services</c>.</summary>
    public ServiceModel Defaults { get; }

    /// <summary>The endpoints that sources may name.</summary>
    public EndpointPolicy EndpointPolicy { get; }

    /// <summary>The names under <c>Mesh:Services</c>.</summary>
    public IReadOnlyDictionary<string, ServiceModel> Services => _services;

    /// <summary>The context that calls carry.</summary>
    public ContextSettings Context { get; }

    /// <summary>Networks of trusted callers.</summary>
    public TrustedNetworks TrustedNetworks { get; }

    /// <summary>Whether a request of an untrusted caller begins a trace of its own.</summary>
    public bool LinksTraces { get; }

    /// <summary><c>Mesh:Domain</c> with its leading dot, or null.</summary>
    public string? DomainSuffix { get; }

    /// <summary>The model of a service.</summary>
    public ServiceModel Of(string service) => _services.GetValueOrDefault(service, Defaults);
}
