using System.Collections.Frozen;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>Determines the locality of this process: its zone from the configuration; its ordinal, and the zones of its peers, from what a
/// source lists for its own service.</summary>
internal sealed class LocalityProvider
{
    private readonly string _machine;

    /// <summary>Guards everything below except reads of <see cref="Current"/>.</summary>
    private readonly Lock _gate = new();
    private string _service;
    private string? _zone;
    private string? _instanceId;
    private IReadOnlyList<EndpointDescription> _peers = [];
    private uint? _ring;
    private OwnLocality _current = null!;

    public LocalityProvider(ModelInForce model)
        : this(model.Current.Options.Service.Name ?? "", model.Current.Options.Service.Zone, Environment.MachineName)
    {
    }

    /// <param name="service">The service that this process is an instance of.</param>
    /// <param name="zone">The zone of this process; null if unknown.</param>
    /// <param name="machine">Distinguishes processes that are not registered.</param>
    public LocalityProvider(string service, string? zone, string machine)
    {
        _machine = machine;
        (_service, _zone) = (service, Known(zone));
        Locate();
    }

    public OwnLocality Current => Volatile.Read(ref _current);

    /// <summary>The configuration may have changed.</summary>
    /// <returns>Whether the locality has changed.</returns>
    public bool Configure(ServiceIdentityOptions options)
    {
        lock (_gate)
        {
            (_service, _zone) = (options.Name ?? "", Known(options.Zone));
            return Locate();
        }
    }

    /// <summary>This process registers under this id, by which it finds itself in the lists of sources.</summary>
    /// <returns>Whether the locality has changed.</returns>
    public bool Registers(string instanceId)
    {
        lock (_gate)
        {
            _instanceId = instanceId;
            return Locate();
        }
    }

    /// <summary>A source has listed the instances of a service.</summary>
    /// <returns>Whether the locality of this process has changed.</returns>
    public bool Heard(string service, IReadOnlyList<EndpointDescription> instances)
    {
        lock (_gate)
        {
            if (!string.Equals(service, _service, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            _peers = instances;
            return Locate();
        }
    }

    private bool Locate()
    {
        foreach (var peer in _peers)
        {
            if (_instanceId is not null && peer.InstanceId == _instanceId)
            {
                // Every service begins elsewhere on the ring: the first instances of many services must not all share the same endpoints.
                // An instance that is not listed for a while keeps its place.
                _ring = EndpointLocality.Number(peer, EndpointLocality.OrdinalLabel) is { } ordinal
                    ? unchecked(StableHash.Spread((uint)ordinal) + (uint)StableHash.Hash(_service.ToLowerInvariant() + "/" + _zone))
                    : null;
            }
        }

        // The zones of the peers only matter to the zone rule: without an own zone, their coming and going changes nothing.
        var peers = _zone is null ? [] : _peers.CountBy(static peer => peer.Zone ?? "").ToDictionary();
        var old = _current;
        var next = new OwnLocality(
            _zone,
            StableHash.Hash(_instanceId ?? $"{_service.ToLowerInvariant()}@{_machine}"),
            _ring,
            peers.ToFrozenDictionary(StringComparer.Ordinal));
        if (old is not null && old.Zone == next.Zone && old.Seed == next.Seed && old.Ring == next.Ring && Same(old.Peers, next.Peers))
        {
            return false;
        }

        Volatile.Write(ref _current, next);
        return true;
    }

    private static bool Same(FrozenDictionary<string, int> some, FrozenDictionary<string, int> others) =>
        some.Count == others.Count && some.All(pair => others.TryGetValue(pair.Key, out var count) && count == pair.Value);

    private static string? Known(string? zone) => string.IsNullOrEmpty(zone) ? null : zone;
}
