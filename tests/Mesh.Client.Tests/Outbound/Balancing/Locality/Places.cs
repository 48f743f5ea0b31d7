using System.Collections.Frozen;
using System.Globalization;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests.Outbound.Balancing.Locality;

/// <summary>Endpoints and processes with a place.</summary>
internal static class Places
{
    public static readonly OwnLocality Nowhere = new(null, 1, null, FrozenDictionary<string, int>.Empty);

    public static EndpointDescription Described(int number, string? zone = null, int? ordinal = null, int? priority = null)
    {
        var labels = new Dictionary<string, string>();
        if (ordinal is { } o)
        {
            labels["mesh.ordinal"] = o.ToString(CultureInfo.InvariantCulture);
        }

        if (priority is { } p)
        {
            labels["priority"] = p.ToString(CultureInfo.InvariantCulture);
        }

        return new EndpointDescription
        {
            Address = new Uri($"http://10.{number / 62500}.{number / 250 % 250}.{number % 250}"),
            InstanceId = "i" + number,
            Zone = zone,
            Labels = labels,
        };
    }

    public static Endpoint Endpoint(int number, string? zone = null, int? ordinal = null, int? priority = null)
    {
        var description = Described(number, zone, ordinal, priority);
        return new Endpoint(
            description,
            new EndpointTransport(
                description,
                new TransportSettings(HostHeader.Auto, TlsName: null, _ => throw new InvalidOperationException("No network here."))),
            now: default);
    }

    /// <summary>With ordinals from 0 on.</summary>
    public static Endpoint[] Many(int count, bool ordinals = true, int first = 0, string? zone = null) =>
        [.. Enumerable.Range(0, count).Select(i => Endpoint(first + i, zone, ordinals ? i : null))];

    /// <summary>A process of the service <c>callers</c> as a registry with ordinals makes it.</summary>
    public static OwnLocality Caller(int number, bool ordinal = true)
    {
        var place = new LocalityProvider("callers", null, "machine");
        place.Registers("c" + number);
        if (ordinal)
        {
            place.Heard("callers", [Described(number, ordinal: number) with { InstanceId = "c" + number }]);
        }

        return place.Current;
    }

    /// <summary>A process in a zone, of so many in each.</summary>
    public static OwnLocality In(string zone, params (string Zone, int Callers)[] peers) =>
        new(zone, 1, null, peers.ToFrozenDictionary(static peer => peer.Zone, static peer => peer.Callers));

    public static ServiceModel Policy(Action<ServiceOptions>? configure = null)
    {
        var options = new MeshOptions();
        configure?.Invoke(options.Defaults);
        return new MeshModel(options, generation: 1).Defaults;
    }

    public static EndpointSet Select(this SubsetSelector selector, Endpoint[] all, ServiceModel model, OwnLocality own) =>
        selector.Select(all, model.Policy, model.OutlierDetection, own);

    public static EndpointSet Select(Endpoint[] all, OwnLocality? own = null, Action<ServiceOptions>? configure = null) =>
        new SubsetSelector().Select(all, Policy(configure), own ?? Nowhere);

    public static void Eject(this Endpoint endpoint) => endpoint.Health.Eject(now: default, until: TestTime.At(1), byConnectFailures: true);
}
