using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>A policy of the application. Its faults are logged, and never fail a call.</summary>
internal sealed partial class GuardedBalancer : ILoadBalancer
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly string _policy;
    private readonly string _service;
    private readonly IRandomSource _random;
    private readonly MeshClock _clock;
    private readonly GuardedLogger<LogCategories.LoadBalancerCatalog> _logger;
    private readonly ILoadBalancer? _inner;
    private readonly Exception? _notMade;
    private long _loggedAt = MeshTime.LongAgo.Micros;

    public GuardedBalancer(
        ILoadBalancerFactory factory,
        string policy,
        string service,
        IRandomSource random,
        MeshClock clock,
        GuardedLogger<LogCategories.LoadBalancerCatalog> logger)
    {
        (_policy, _service, _random, _clock, _logger) = (policy, service, random, clock, logger);
        try
        {
            _inner = factory.Create(service) ?? throw new InvalidOperationException("Its factory made none.");
        }
        catch (Exception exception)
        {
            // It must stop neither a reload nor the services that a source names.
            _notMade = exception;
        }
    }

    public int Pick(in EndpointCandidates candidates)
    {
        var fault = _notMade;
        var place = -1;
        try
        {
            if (_inner is not null)
            {
                place = _inner.Pick(candidates);
            }

            if ((uint)place < (uint)candidates.Count)
            {
                return place;
            }
        }
        catch (Exception exception)
        {
            fault = exception;
        }

        if (IsTimeToLog())
        {
            LogNoChoice(_logger, fault, _policy, _service, fault is null ? $"it chose {place} of {candidates.Count}" : fault.Message);
        }

        return _random.Next(candidates.Count);
    }

    public void OnCompleted(EndpointCandidate endpoint, in CompletedAttempt attempt)
    {
        try
        {
            _inner?.OnCompleted(endpoint, attempt);
        }
        catch (Exception exception)
        {
            if (IsTimeToLog())
            {
                LogNotObserved(_logger, exception, _policy, _service, exception.Message);
            }
        }
    }

    private bool IsTimeToLog()
    {
        var now = _clock.Now;
        var last = MeshTime.Read(ref _loggedAt);
        return now - last >= Minute && Interlocked.CompareExchange(ref _loggedAt, now.Micros, last.Micros) == last.Micros;
    }

    // Event ids 1220-1229: policies of the application.
    [LoggerMessage(
        1220,
        LogLevel.Error,
        "The load balancing policy '{Policy}' made no choice for service '{Service}': {Fault}. A random endpoint is used; further "
        + "faults are logged once a minute.",
        EventName = "LoadBalancerFailed")]
    private static partial void LogNoChoice(ILogger logger, Exception? exception, string policy, string service, string fault);

    [LoggerMessage(
        1221,
        LogLevel.Error,
        "The load balancing policy '{Policy}' failed on the outcome of a call to service '{Service}': {Fault}. Further faults are logged "
        + "once a minute.",
        EventName = "LoadBalancerNotObserving")]
    private static partial void LogNotObserved(ILogger logger, Exception exception, string policy, string service, string fault);
}
