using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Discovery;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Outbound.Services;

/// <summary>The services by name: adds names, and removes the few that may be forgotten. Read by every call, without a lock.</summary>
/// <param name="create">Makes the service of a name.</param>
/// <param name="refresh">Gives a service that is listed now the model in force.</param>
/// <param name="logger">For names that are of no use.</param>
internal sealed partial class ServiceTable(
    Func<string, Service> create, Action<Service> refresh, GuardedLogger<LogCategories.ServiceDirectory> logger)
{
    // A source that keeps naming new services must not fill the log.
    private const int MaxReports = 100;

    private readonly ConcurrentDictionary<string, Service> _services = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _reported = new();

    /// <summary>Held while a name is added or removed, so that endpoints published meanwhile are not lost.</summary>
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IReadOnlySet<string>> _leftOut = new(StringComparer.Ordinal);
    private volatile FrozenSet<string> _refused = FrozenSet<string>.Empty;

    /// <summary>Not a copy: it includes services that are added later.</summary>
    public IEnumerable<KeyValuePair<string, Service>> All => _services;

    public bool TryGet(string name, [NotNullWhen(true)] out Service? service) => _services.TryGetValue(name, out service);

    /// <summary>Whether a source lists the name, but it was refused because there are too many.</summary>
    public bool IsRefused(string name) => _refused.Contains(name);

    public void Refuse(string source, IReadOnlySet<string> names)
    {
        lock (_gate)
        {
            _leftOut[source] = names;
            _refused = _leftOut.Values.SelectMany(static all => all).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        }
    }

    /// <summary>Whether a source may name a service so. If not, this is logged.</summary>
    public bool Admits(string source, string? name)
    {
        if (name is not null && SourceName.IsUsable(name))
        {
            return true;
        }

        // The name would appear in logs and messages as it is.
        var printable = Printable.Of(name ?? string.Empty);
        if (_reported.Count < MaxReports && _reported.TryAdd(printable, true))
        {
            LogNameRefused(logger, printable, source);
        }

        return false;
    }

    /// <summary>Adds a name of the configuration: it is a service even if it looks like a DNS name.</summary>
    public Service AddHost(string name)
    {
        lock (_gate)
        {
            var service = GetOrAdd(name);
            service.IsHost = true;
            return service;
        }
    }

    /// <summary>Takes the endpoints that a source names. The name must be usable.</summary>
    public void Publish(
        string source,
        MeshSourceRank rank,
        string name,
        IReadOnlyList<EndpointDescription> endpoints,
        IReadOnlySet<string>? leaving = null)
    {
        bool isHost;
        lock (_gate)
        {
            var service = GetOrAdd(name);
            service.Endpoints.Publish(source, rank, endpoints, leaving);
            isHost = service.IsHost;
        }

        // Outside of the lock, because a logger may be slow. A configured 10.0.0.5 is called as http://10.0.0.5.
        if (HostName.AddressOf(name) is { } address
            && !(isHost && address.Equals(name, StringComparison.OrdinalIgnoreCase))
            && _reported.Count < MaxReports
            && _reported.TryAdd(name, true))
        {
            LogNameIsAddress(logger, name, source, address);
        }
    }

    /// <summary>Takes back the endpoints that a source has named.</summary>
    /// <returns>False when the service stays known: it was called, is configured, or another source names it.</returns>
    public bool TryForget(string source, MeshSourceRank rank, string name)
    {
        Service? service;
        lock (_gate)
        {
            if (!_services.TryGetValue(name, out service))
            {
                return true;
            }

            if (service.Matters || !service.Endpoints.IsOnlyOf(source))
            {
                if (rank == MeshSourceRank.Registry && service.Endpoints.IsOf(source))
                {
                    // Once a service, always a service: a registry has named it, and names nothing now.
                    service.Endpoints.Publish(source, rank, []);
                }
                else
                {
                    service.Endpoints.Withdraw(source);
                }

                return false;
            }

            _services.TryRemove(name, out _);
        }

        // It has no endpoints, and a call that has just found it is told so.
        service.Dispose();
        return true;
    }

    /// <summary>A name keeps what it was given: a change of its model that came in between is made up for.</summary>
    private Service GetOrAdd(string name)
    {
        if (_services.TryGetValue(name, out var known))
        {
            return known;
        }

        var service = _services.GetOrAdd(name, static (key, create) => create(key), create);
        refresh(service);
        return service;
    }

    [LoggerMessage(
        1211,
        LogLevel.Warning,
        "The service '{Service}' of source '{Source}' is ignored: its name is too long, or contains control characters or line breaks.",
        EventName = "ServiceNameRefused")]
    private static partial void LogNameRefused(ILogger logger, string service, string source);

    [LoggerMessage(
        1212,
        LogLevel.Warning,
        "HTTP reads the name of service '{Service}' of source '{Source}' as the address {Address}: http://{Service} does not reach the "
        + "service. "
        + "Register it under a name that is not an address (Mesh:Service:Name).",
        EventName = "PublishedNameIsAddress")]
    private static partial void LogNameIsAddress(ILogger logger, string service, string source, string address);
}
