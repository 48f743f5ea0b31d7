using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Security.EndpointRules;

/// <summary>Applies the endpoint policy in force, twice: before an endpoint of a source is used at all, and to each address before a
/// connection to it.</summary>
/// <remarks>Works when the list of endpoints changes and when a connection is opened, never per call.</remarks>
internal sealed partial class EndpointGuard
{
    // A source that keeps naming new addresses must fill neither the log nor the memory.
    private const int MaxReports = 1000;

    // An address that was first left out and is later refused is a new report.
    private readonly ConcurrentDictionary<(string Service, string Endpoint, string Rule, bool LeftOut), bool> _reported = new();
    private readonly ModelInForce _model;
    private readonly GuardedLogger<LogCategories.EndpointGuard> _logger;
    private readonly bool _development;
    private readonly bool _production;
    private int _full;

    public EndpointGuard(
        ModelInForce model,
        IHostEnvironment? environment,
        GuardedLogger<LogCategories.EndpointGuard> logger)
    {
        _model = model;
        _logger = logger;
        _development = environment?.IsDevelopment() ?? false;
        _production = environment?.IsProduction() ?? false;
    }

    private EndpointPolicy Policy => _model.Current.EndpointPolicy;

    /// <summary>A registry is read: says so where it may name any address.</summary>
    public void ReadsRegistry()
    {
        if (_production && Policy.IsOpen)
        {
            LogOpen(_logger);
        }
    }

    /// <summary>Whether an endpoint may be used. A refusal is logged once.</summary>
    public bool Admits(string service, EndpointDescription endpoint)
    {
        if (endpoint.Origin == EndpointOrigin.Configuration || Check(endpoint) is not { } refusal)
        {
            return true;
        }

        Report(service, endpoint, refusal, leftOut: false);
        return false;
    }

    /// <summary>Filters the addresses of an endpoint: only <paramref name="allowed"/> may be connected to. Refused ones are logged once,
    /// and as a warning only if no address is left: a machine's name often resolves to a link-local address, too.</summary>
    /// <returns>The last refusal if no address is left because of it, otherwise null.</returns>
    public EndpointRefusal? Sort(string service, EndpointDescription endpoint, IPAddress[] named, out List<IPAddress> allowed)
    {
        allowed = new(named.Length);

        // Configured endpoints are the operator's own: none is refused.
        if (endpoint.Origin == EndpointOrigin.Configuration)
        {
            allowed.AddRange(named);
            return null;
        }

        // One policy checks all of them, even if a reload comes in between.
        var policy = Policy;
        var local = IsLocal(endpoint);
        List<EndpointRefusal>? refusals = null;
        foreach (var address in named)
        {
            if (policy.CheckAddress(address, local) is { } refusal)
            {
                (refusals ??= []).Add(refusal);
            }
            else
            {
                allowed.Add(address);
            }
        }

        if (refusals is null)
        {
            return null;
        }

        var leftOut = allowed.Count > 0;
        foreach (var refusal in refusals)
        {
            Report(service, endpoint, refusal, leftOut);
        }

        return leftOut ? null : refusals[^1];
    }

    public static string NameOf(EndpointDescription endpoint) =>
        endpoint.GivenAddress is { IsAbsoluteUri: false } ? "without an address" : $"{endpoint.AddressHost}:{endpoint.Port}";

    private EndpointRefusal? Check(EndpointDescription endpoint) =>
        (endpoint.Host is { } spoken ? EndpointPolicy.CheckHostHeader(spoken) : null)
        ?? (endpoint.GivenAddress is { } address
            ? Policy.CheckTarget(address, IsLocal(endpoint))
            : Policy.CheckHost(endpoint.AddressHost, IsLocal(endpoint)));

    private bool IsLocal(EndpointDescription endpoint) => _development || endpoint.Origin == EndpointOrigin.LoopbackSource;

    private void Report(string service, EndpointDescription endpoint, EndpointRefusal refusal, bool leftOut)
    {
        if (leftOut && !_logger.IsEnabled(LogLevel.Debug))
        {
            // A report that is not logged must not displace a warning in the memory.
            return;
        }

        if (_reported.Count >= MaxReports)
        {
            // Many threads may find it full; only one of them reports it.
            if (Interlocked.Exchange(ref _full, 1) == 0)
            {
                LogFull(_logger, MaxReports);
            }

            return;
        }

        var name = NameOf(endpoint);
        if (!_reported.TryAdd((service, name, refusal.Subject + refusal.Rule, leftOut), true))
        {
            return;
        }

        var instance = endpoint.InstanceId is { } id ? Printable.Of(id) : "none";
        if (leftOut)
        {
            LogLeftOut(_logger, name, service, refusal.Subject, refusal.Rule, instance);
        }
        else
        {
            LogRefused(_logger, refusal.Message(service, name), instance);
        }
    }
}
