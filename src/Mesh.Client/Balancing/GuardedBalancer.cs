using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Balancing;

/// <summary>A policy of the application. Its faults cost a line in the log, never a call.</summary>
internal sealed partial class GuardedBalancer(ILoadBalancer inner, string policy, string service, IRandomSource random, MeshClock clock, ILogger logger) : ILoadBalancer
{
    private const long Minute = 60_000_000;

    private long _loggedAt = long.MinValue / 2;

    public int Pick(in EndpointCandidates candidates)
    {
        Exception? fault = null;
        var place = -1;
        try
        {
            place = inner.Pick(candidates);
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
            LogNoChoice(logger, fault, policy, service, fault is null ? $"it chose {place} of {candidates.Count}" : fault.Message);
        }

        return random.Next(candidates.Count);
    }

    public void Completed(EndpointCandidate endpoint, in CompletedAttempt attempt)
    {
        try
        {
            inner.Completed(endpoint, attempt);
        }
        catch (Exception exception)
        {
            if (IsTimeToLog())
            {
                LogNotObserved(logger, exception, policy, service, exception.Message);
            }
        }
    }

    private bool IsTimeToLog()
    {
        var now = clock.Now;
        var last = Volatile.Read(ref _loggedAt);
        return now - last >= Minute && Interlocked.CompareExchange(ref _loggedAt, now, last) == last;
    }

    // Event ids 1220-1229: policies of the application.
    [LoggerMessage(1220, LogLevel.Error, "The load balancing policy '{Policy}' made no choice for service '{Service}': {Fault}. An endpoint at random is taken; further faults are logged once a minute.", EventName = "LoadBalancerFailed")]
    private static partial void LogNoChoice(ILogger logger, Exception? exception, string policy, string service, string fault);

    [LoggerMessage(1221, LogLevel.Error, "The load balancing policy '{Policy}' failed on the outcome of a call to service '{Service}': {Fault}. Further faults are logged once a minute.", EventName = "LoadBalancerNotObserving")]
    private static partial void LogNotObserved(ILogger logger, Exception exception, string policy, string service, string fault);
}
