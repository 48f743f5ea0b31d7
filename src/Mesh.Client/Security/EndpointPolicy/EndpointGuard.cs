using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.DependencyInjection;
using Mesh.Client.Discovery.Eureka;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Security;

/// <summary>Applies the endpoint policy in force, twice: before an endpoint of a source is used at all, and to each address that is about
/// to be connected to.</summary>
/// <remarks>Works when the list of endpoints changes and when a connection is opened, never per call.</remarks>
internal sealed partial class EndpointGuard
{
    // A source that names ever new addresses must fill neither the log nor the memory.
    private const int MostReports = 1000;

    private readonly ConcurrentDictionary<(string Service, string Endpoint, string Rule), bool> _reported = new();
    private readonly MeshConfiguration _configuration;
    private readonly GuardedLogger<EndpointGuard> _logger;
    private readonly bool _development;
    private int _full;

    public EndpointGuard(MeshConfiguration configuration, IHostEnvironment? environment, GuardedLogger<EndpointGuard> logger)
    {
        _configuration = configuration;
        _logger = logger;
        _development = environment?.IsDevelopment() ?? false;
        var view = configuration.Current;
        if (environment?.IsProduction() == true && view.EndpointPolicy.IsOpen && EurekaSettings.From(view.Options.Discovery).Fetch)
        {
            LogOpen(_logger);
        }
    }

    private EndpointPolicy Policy => _configuration.Current.EndpointPolicy;

    /// <summary>Whether an endpoint may be used. A refusal is logged once.</summary>
    public bool Admits(string service, EndpointDescription endpoint)
    {
        if (endpoint.Origin == EndpointOrigin.Configuration || Check(endpoint) is not { } refusal)
        {
            return true;
        }

        Report(service, NameOf(endpoint), endpoint.InstanceId, refusal);
        return false;
    }

    /// <summary>Why an address of an endpoint must not be connected to; null where it may. A refusal is logged once.</summary>
    public EndpointRefusal? Check(string service, EndpointDescription endpoint, IPAddress address)
    {
        if (endpoint.Origin == EndpointOrigin.Configuration || Policy.CheckAddress(address, IsLocal(endpoint)) is not { } refusal)
        {
            return null;
        }

        Report(service, NameOf(endpoint), endpoint.InstanceId, refusal);
        return refusal;
    }

    public static string NameOf(EndpointDescription endpoint) =>
        endpoint.GivenAddress is { IsAbsoluteUri: false } ? "without an address" : $"{endpoint.Host}:{endpoint.Port}";

    private EndpointRefusal? Check(EndpointDescription endpoint) => endpoint.GivenAddress is { } address
        ? Policy.CheckTarget(address, IsLocal(endpoint))
        : Policy.CheckHost(endpoint.Host, IsLocal(endpoint));

    private bool IsLocal(EndpointDescription endpoint) => _development || endpoint.Origin == EndpointOrigin.LoopbackSource;

    private void Report(string service, string endpoint, string? instance, EndpointRefusal refusal)
    {
        if (_reported.Count >= MostReports)
        {
            // Many threads may find it full; one of them says so.
            if (Interlocked.Exchange(ref _full, 1) == 0)
            {
                LogFull(_logger, MostReports);
            }
        }
        else if (_reported.TryAdd((service, endpoint, refusal.Subject + refusal.Rule), true))
        {
            LogRefused(_logger, refusal.Message(service, endpoint), instance is null ? "none" : Discovery.Eureka.Printable.Of(instance));
        }
    }
}
