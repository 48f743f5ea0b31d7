namespace Mesh.Client.Discovery;

/// <summary>Takes endpoints that announce their end out of use at their own word, long before the source has heard of it.</summary>
/// <remarks>An endpoint that leaves the service and is published again is another object and not draining. One that is published all the time (a
/// configured one, or a restart between two fetches) comes back on evidence: it has registered anew, or a request that may be repeated, which now
/// and then tries it, is answered well and without that word. Without either it is taken back after a while: by then it has gone or come back, and
/// outlier detection can tell.</remarks>
internal sealed class DrainingEndpoints(Service service) : IDisposable
{
    /// <summary>Longer than a source needs to hear of it, and than a restart takes.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Until the first trial: the drain delay that most have. Each further one comes after twice as long.</summary>
    public static readonly TimeSpan FirstTrial = TimeSpan.FromSeconds(5);

    private static readonly long MostPause = Telemetry.MeshClock.Micros(TimeSpan.FromSeconds(30));

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

            endpoint.BeginDraining(service.Clock.Now, Telemetry.MeshClock.Micros(FirstTrial));
            service.Rebuild();
            service.DrainingBegan(endpoint);
            StartTimer(endpoint);
        }

        // Its successor may be registered by now.
        service.AskSource(endpoint);
    }

    /// <summary>An endpoint that has said that it leaves, for one request that asks whether it still does.</summary>
    /// <remarks>It still serves, or refuses the connection, or is a new process. For requests that may be repeated elsewhere, whichever it is.</remarks>
    /// <param name="secureOnly">Whether the endpoint must speak TLS.</param>
    /// <param name="now">Microseconds.</param>
    /// <returns>The endpoint, or null when it is not the time.</returns>
    public Endpoint? TakeTrial(bool secureOnly, long now)
    {
        lock (service.Gate)
        {
            foreach (var endpoint in service.Endpoints.Draining)
            {
                if (endpoint.DrainingTrial <= now && (endpoint.SpeaksTls || !secureOnly))
                {
                    // Planned before the answer is here: nobody else asks meanwhile.
                    endpoint.PlanDrainingTrial(now, Math.Min(2 * endpoint.DrainingPause, MostPause));
                    service.Rebuild();
                    return endpoint;
                }
            }
        }

        return null;
    }

    /// <summary>A source has described the endpoint anew. One that has registered since it was to leave has been restarted. The caller holds the
    /// service's lock, and rebuilds.</summary>
    public static void Compare(Endpoint endpoint, EndpointDescription current)
    {
        var known = endpoint.Description;
        if (endpoint.IsDraining && (known.InstanceId != current.InstanceId || (known.Registered != 0 && current.Registered > known.Registered)))
        {
            endpoint.EndDraining();
        }
    }

    /// <summary>A request that was sent later is answered well and without that word: the endpoint has been restarted.</summary>
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
        endpoint.EndDraining();
        service.Rebuild();
    }
}
