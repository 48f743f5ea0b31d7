namespace Mesh.Client.Discovery;

/// <summary>Takes endpoints that announce their end out of use at their own word, long before the source has heard of it.</summary>
/// <remarks>An endpoint that leaves the service and is published again is another object and not draining. One that is published all the time (a
/// configured one, or a restart between two fetches) is taken back after a while: by then it has gone or come back, and outlier detection can tell.</remarks>
internal sealed class DrainingEndpoints(Service service) : IDisposable
{
    /// <summary>Longer than a source needs to hear of it, and than a restart takes.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Guarded by the service's lock.</summary>
    private readonly List<ITimer> _timers = [];

    /// <summary>Called with each answer that says so, until the last one.</summary>
    public void Begin(Endpoint endpoint)
    {
        if (endpoint.IsDraining)
        {
            return;
        }

        lock (service.Gate)
        {
            if (endpoint.IsDraining || !service.Contains(endpoint))
            {
                return;
            }

            endpoint.DrainingSince = service.Clock.Now;
            service.Rebuild();
            service.DrainingBegan(endpoint);
            StartTimer(endpoint);
        }
    }

    /// <summary>A request that was sent later is answered without that word: the endpoint has been restarted. Seen where there was nobody else to ask.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="start">When the request was sent, microseconds.</param>
    public void Refute(Endpoint endpoint, long start)
    {
        if (start <= endpoint.DrainingSince)
        {
            return;
        }

        lock (service.Gate)
        {
            End(endpoint);
        }
    }

    public void Dispose()
    {
        lock (service.Gate)
        {
            _timers.ForEach(timer => timer.Dispose());
            _timers.Clear();
        }
    }

    // The timer must not keep the context of the call that brought the news.
    private void StartTimer(Endpoint endpoint)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            ITimer? timer = null;
            timer = service.Clock.TimeProvider.CreateTimer(_ => TimeIsUp(endpoint, timer!), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timers.Add(timer);
            timer.Change(Longest, Timeout.InfiniteTimeSpan);
        }
    }

    private void TimeIsUp(Endpoint endpoint, ITimer timer)
    {
        lock (service.Gate)
        {
            _timers.Remove(timer);
            timer.Dispose();

            // It may have come back and begun to leave again meanwhile.
            if (endpoint.IsDraining && service.Clock.Now - endpoint.DrainingSince >= Telemetry.MeshClock.Micros(Longest))
            {
                End(endpoint);
            }
        }
    }

    private void End(Endpoint endpoint)
    {
        endpoint.DrainingSince = long.MaxValue;
        service.Rebuild();
    }
}
