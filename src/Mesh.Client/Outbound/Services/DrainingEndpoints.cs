using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Services;

/// <summary>Takes endpoints out of use when they give notice that they leave, long before the source reports it.</summary>
/// <remarks>An endpoint that leaves the service and is published again is a new object and not draining. One that stays published (a
/// configured endpoint, or a restart between two fetches) returns on evidence: it has registered anew, or a trial (a repeatable request,
/// now and then) is answered well and without the notice. Without evidence it is taken back after a while: by then it has gone or come
/// back, and outlier detection can tell. One that its source lists as leaving stays as the last resort until it refuses a connection, or
/// that time is over.</remarks>
/// <param name="service">The endpoints of the service, which are told of changes.</param>
/// <param name="endpoints">Their list.</param>
internal sealed class DrainingEndpoints(ServiceEndpoints service, EndpointList endpoints) : IDisposable
{
    /// <summary>Longer than a source needs to report it, and than a restart takes.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(2);

    /// <summary>Time until the first trial: the usual drain delay. Each later pause is twice as long.</summary>
    public static readonly TimeSpan FirstTrial = TimeSpan.FromSeconds(5);

    /// <summary>How long notices are ignored after an answer has refuted one. If several processes share one address, and one of them
    /// leaves, the answers contradict each other for good: each time the pause doubles, up to <see cref="MaxTime"/>.</summary>
    public static readonly TimeSpan FirstDoubt = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    /// <summary>One for each endpoint, however often it begins. Only used within a change of the list.</summary>
    private readonly Dictionary<Endpoint, ITimer> _timers = [];

    /// <summary>Called with each answer that carries the notice, up to the last.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="isStarting">Whether it is not ready yet: it then never becomes the last resort.</param>
    public void Begin(Endpoint endpoint, bool isStarting = false)
    {
        if (endpoint.IsDraining || endpoint.DoubtedUntil > service.Clock.Now)
        {
            return;
        }

        using (var change = endpoints.Begin())
        {
            var now = service.Clock.Now;
            if (endpoint.IsDraining || endpoint.DoubtedUntil > now || !change.Contains(endpoint))
            {
                return;
            }

            endpoint.BeginDraining(now, FirstTrial, isStarting);
            change.Rebuild();
            if (!IsFlapping(endpoint, now))
            {
                service.DrainingBegan(endpoint);
            }

            StartTimer(endpoint);
        }

        // Its successor may already be registered.
        service.AskSource(endpoint);
    }

    /// <summary>A draining endpoint that is due for a trial, for one request that shows whether it still leaves.</summary>
    /// <remarks>It still serves, or refuses the connection, or is a new process. Only for requests that may be repeated elsewhere, because
    /// any of these may be true.</remarks>
    /// <param name="secureOnly">Whether the endpoint must speak TLS.</param>
    /// <param name="now">When the request is sent.</param>
    /// <returns>The endpoint, or null when none is due.</returns>
    public Endpoint? TakeTrial(bool secureOnly, MeshTime now)
    {
        using (var change = endpoints.Begin())
        {
            foreach (var endpoint in change.Current.Draining)
            {
                if (endpoint.DrainingTrial <= now && (endpoint.SpeaksTls || !secureOnly) && !service.IsLastResort(endpoint))
                {
                    // Scheduled before the answer arrives, so that no other call tries at the same time.
                    endpoint.PlanDrainingTrial(now, Duration.Min(2 * endpoint.DrainingPause, MaxPause));
                    change.Rebuild();
                    return endpoint;
                }
            }
        }

        return null;
    }

    /// <summary>A source has described the endpoint anew. If it has registered after its notice, it has been restarted. The caller changes
    /// the list, and rebuilds.</summary>
    public static void Compare(Endpoint endpoint, EndpointDescription current)
    {
        var known = endpoint.Description;
        if (endpoint.IsDraining
            && (known.InstanceId != current.InstanceId || (known.Registered != 0 && current.Registered > known.Registered)))
        {
            endpoint.EndDraining();
        }
    }

    /// <summary>A later request was answered well and without the notice: the endpoint has been restarted.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="start">When the request was sent.</param>
    public void Refute(Endpoint endpoint, MeshTime start)
    {
        if (start <= endpoint.DrainingSince)
        {
            return;
        }

        using (var change = endpoints.Begin())
        {
            // Many answers may arrive at once: only the first one has an effect.
            if (start <= endpoint.DrainingSince)
            {
                return;
            }

            var now = service.Clock.Now;
            endpoint.Doubt(now, IsFlapping(endpoint, now) ? Duration.Min(2 * endpoint.DoubtPause, MaxTime) : FirstDoubt);
            End(change, endpoint);
        }
    }

    /// <summary>A call has gone to an endpoint that is draining. As the last resort it is on borrowed time: its successor is looked for,
    /// and where it refuses connections, it has ended.</summary>
    public void Used(Endpoint endpoint, bool refused)
    {
        if (!service.IsLastResort(endpoint))
        {
            return;
        }

        service.AskSource(endpoint);
        if (refused)
        {
            Replaced(endpoint, service.Clock.Now);
        }
    }

    /// <summary>The process behind the last resort has ended, or given way to another one: one that is not ready, or not even of this
    /// service.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="start">When the request that has shown it was sent.</param>
    public void Replaced(Endpoint endpoint, MeshTime start)
    {
        if (service.IsLastResort(endpoint) && start > endpoint.DrainingSince)
        {
            using (var change = endpoints.Begin())
            {
                End(change, endpoint);
            }

            service.NeedSource();
        }
    }

    public void Dispose()
    {
        using (endpoints.Begin())
        {
            foreach (var timer in _timers.Values)
            {
                timer.Dispose();
            }

            _timers.Clear();
        }
    }

    /// <summary>Whether its notice was refuted recently.</summary>
    private static bool IsFlapping(Endpoint endpoint, MeshTime now) =>
        endpoint.DoubtPause > TimeSpan.Zero && now - endpoint.DoubtedUntil < MaxTime;

    // The timer must not keep the context of the call that received the notice.
    private void StartTimer(Endpoint endpoint)
    {
        if (_timers.TryGetValue(endpoint, out var running))
        {
            running.Change(MaxTime, Timeout.InfiniteTimeSpan);
            return;
        }

        var timer = service.Clock.TimeProvider.CreateUnboundTimer(
            _ => TimeIsUp(endpoint), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timers.Add(endpoint, timer);
        timer.Change(MaxTime, Timeout.InfiniteTimeSpan);
    }

    private void TimeIsUp(Endpoint endpoint)
    {
        using (var change = endpoints.Begin())
        {
            // It may have come back and begun to leave again meanwhile, and a timer may fire a little early.
            var left = endpoint.IsDraining ? MaxTime - (service.Clock.Now - endpoint.DrainingSince) : TimeSpan.Zero;
            if (left <= TimeSpan.Zero)
            {
                if (service.IsLastResort(endpoint))
                {
                    service.NeedSource();
                }

                End(change, endpoint);
            }
            else if (_timers.TryGetValue(endpoint, out var timer))
            {
                timer.Change(left, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void End(in EndpointList.Change change, Endpoint endpoint)
    {
        if (_timers.Remove(endpoint, out var timer))
        {
            timer.Dispose();
        }

        if (endpoint.IsDraining)
        {
            endpoint.EndDraining();
            service.DrainingEnded(change, endpoint);
        }
    }
}
