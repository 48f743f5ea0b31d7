using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>What is wanted of one service, validated and immutable. A change makes the next one; two that say the same are equal.</summary>
internal sealed record ServiceModel
{
    /// <summary>The state of the process that it was made with. A call reads both at once. Not a part of what it says.</summary>
    public required MeshModel Mesh { get; init; }

    /// <summary>Whether the service is listed under <c>Mesh:Services</c>, as opposed to being known from a registry only.</summary>
    public required bool IsNamed { get; init; }

    /// <summary>The first one that matches a call decides. The last one matches all.</summary>
    public required ImmutableArray<RouteModel> Routes { get; init; }

    /// <summary>The first one is all of the service.</summary>
    public required ImmutableArray<SubsetModel> Subsets { get; init; }

    public required OutlierDetectionPolicy OutlierDetection { get; init; }

    public required TransportPolicy Transport { get; init; }

    /// <summary>Whether only endpoints that speak TLS are used.</summary>
    public required bool RequireTls { get; init; }

    /// <summary>The credentials of calls to its endpoints, whoever routes them there.</summary>
    public required CredentialsPolicy Credentials { get; init; }

    /// <summary>Whether calls to its endpoints carry the headers of the mesh, and baggage.</summary>
    public required bool SendContext { get; init; }

    /// <summary>Configured endpoints; empty means that sources supply them.</summary>
    public required ImmutableArray<EndpointDescription> Endpoints { get; init; }

    /// <summary>How much <see cref="Endpoints"/> count: those of a source of a higher rank replace them.</summary>
    public required MeshSourceRank EndpointsRank { get; init; }

    /// <summary>What sources other than the configuration say, for those who ask why. Not a part of what it says.</summary>
    public required ImmutableArray<SettingsLayer> Further { get; init; }

    /// <summary>How the calls are made that no route of its own takes.</summary>
    public CallPolicy CallPolicy => Routes[^1].Policy;

    /// <summary>The policy of all of the service.</summary>
    public ServicePolicy Policy => Subsets[0].Policy;

    /// <summary>The baggage that the service may get.</summary>
    public BaggageFilter Baggage => SendContext ? Mesh.Context.Baggage : BaggageFilter.Nothing;

    /// <summary>Merges the settings: those of the service, then the defaults, then the built-in values.</summary>
    /// <param name="service">Null for a service without settings of its own.</param>
    /// <param name="defaults">Those of all services.</param>
    /// <param name="mesh">The state of the process.</param>
    /// <param name="isNamed">Whether the configuration lists it; null: if it has settings of its own.</param>
    /// <param name="endpointsRank">Who says its endpoints.</param>
    /// <param name="further">What sources other than the configuration say.</param>
    public static ServiceModel Create(
        ServiceOptions? service,
        ServiceOptions defaults,
        MeshModel mesh,
        bool? isNamed = null,
        MeshSourceRank endpointsRank = MeshSourceRank.Configuration,
        ImmutableArray<SettingsLayer>? further = null)
    {
        var s = service ?? defaults;
        return new ServiceModel
        {
            Mesh = mesh,
            IsNamed = isNamed ?? service is not null,
            Routes = RouteModel.Create(s.Routes, CallPolicy.Create(s, defaults)),
            Subsets = [SubsetModel.All(ServicePolicy.Create(s, defaults))],
            OutlierDetection = OutlierDetectionPolicy.Create(s.OutlierDetection, defaults.OutlierDetection),
            Transport = TransportPolicy.Create(s, defaults),
            RequireTls = s.TlsName is not null || (s.RequireTls ?? defaults.RequireTls ?? false),
            Credentials = CredentialsPolicy.Create(s.Credentials, defaults.Credentials),
            SendContext = s.SendContext ?? defaults.SendContext ?? true,
            Endpoints = service is null ? [] : [.. service.Endpoints.Select(Describe)],
            EndpointsRank = endpointsRank,
            Further = further ?? [],
        };
    }

    /// <summary>Where a setting of a route can be changed so that the change counts, for messages.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="key">A key of the route's own.</param>
    /// <param name="route">The route's name.</param>
    public string WhereToSet(string service, string key, string route) =>
        WhereToSet(service, $"Routes:{route}:{key}", SaidRoutes.Deciding(Mesh.Layers(service, Further), route));

    /// <summary>Where a setting can be changed so that the change counts, for messages.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="key">As below <c>Mesh:Services:name</c>.</param>
    public string WhereToSet(string service, string key) =>
        WhereToSet(service, key, ServiceSetting.Named(key).Deciding(Mesh.Layers(service, Further), Mesh.DefaultSettings));

    private static string WhereToSet(string service, string key, SettingsLayer? decides) => decides?.Rank switch
    {
        MeshSourceRank.Override => $"Mesh:Override:Services:{service}:{key}",
        MeshSourceRank.RunTime => $"{key} in the change at run time that decides it (IMeshOverrides)",
        MeshSourceRank.ControlPlane => $"{key} at '{decides.Source}', which decides it (or Mesh:Override:Services:{service}:{key})",
        _ => $"Mesh:Services:{service}:{key}",
    };

    /// <summary>Who says what a setting is, for messages.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="key">As below <c>Mesh:Services:name</c>.</param>
    public string WhoSays(string service, string key)
    {
        var setting = ServiceSetting.Named(key);
        return setting.Deciding(Mesh.Layers(service, Further), Mesh.DefaultSettings) is { } own
            ? own.IsLocal ? WhereToSet(service, key) : $"{key} at '{own.Source}'"
            : Mesh.WhoSaysOfAll(setting);
    }

    public bool Equals(ServiceModel? other) =>
        ReferenceEquals(this, other)
        || (other is not null
            && IsNamed == other.IsNamed
            && RequireTls == other.RequireTls
            && SendContext == other.SendContext
            && EndpointsRank == other.EndpointsRank
            && OutlierDetection == other.OutlierDetection
            && Transport == other.Transport
            && Credentials == other.Credentials
            && Routes.AsSpan().SequenceEqual(other.Routes.AsSpan())
            && Subsets.AsSpan().SequenceEqual(other.Subsets.AsSpan())
            && Endpoints.AsSpan().SequenceEqual(other.Endpoints.AsSpan()));

    public override int GetHashCode() => HashCode.Combine(IsNamed, OutlierDetection, Transport, Routes.Length, Endpoints.Length);

    /// <summary>Requests to a DNS name carry this name as their host; requests to an address carry the service's.</summary>
    private static EndpointDescription Describe(EndpointOptions endpoint)
    {
        var uri = new Uri(endpoint.Address, UriKind.Absolute);
        return new EndpointDescription
        {
            Address = uri,
            SecurePort = endpoint.SecurePort,
            Origin = EndpointOrigin.Configuration,
            Zone = endpoint.Zone is { Length: > 0 } zone ? zone : null,
            Labels = endpoint.Labels.ToFrozenDictionary(StringComparer.Ordinal),
            ResolvesEach = endpoint.Resolve == AddressResolution.Each,
            Host = uri.HostNameType == UriHostNameType.Dns && !uri.IsLoopback ? uri.Authority : null,
        };
    }
}
