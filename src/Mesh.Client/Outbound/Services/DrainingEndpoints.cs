using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Services;

/// <summary>Takes endpoints that announce their end out of use at their own word, long before the source has heard of it.</summary>
/// <remarks>An endpoint that leaves the service and is published again is another object and not draining. One that is published all the
/// time (a configured one, or a restart between two fetches) comes back on evidence: it has registered anew, or a request that may be
/// repeated, which now and then tries it, is answered well and without that word. Without either it is taken back after a while: by then it
/// has gone or come back, and outlier detection can tell.</remarks>
/// <param name="service">The service, which hears of it.</param>
/// <param name="endpoints">Its endpoints.</param>
internal sealed class DrainingEndpoints(Service service, EndpointList endpoints) : IDisposable
{
    /// <summary>Longer than a source needs to hear of it, and than a restart takes.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(2);

    /// <summary>Until the first trial: the drain delay that most have. Each further one comes after twice as long.</summary>
    public static readonly TimeSpan FirstTrial = TimeSpan.FromSeconds(5);

    /// <summary>For how long a word is not believed after one that an answer has refuted. Where several processes stand behind one address,
    /// and one of them leaves, the answers contradict each other for good: each time it takes twice as long, up to
    /// <see cref="MaxTime"/>.</summary>
    public static readonly TimeSpan FirstDoubt = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    /// <summary>One for each endpoint, however often it begins. Only used within a change of the list.</summary>
    private readonly Dictionary<Endpoint, ITimer> _timers = [];

    /// <summary>Called with each answer that says so, until the last one.</summary>
    public void Begin(Endpoint endpoint)
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

            endpoint.BeginDraining(now, FirstTrial);
            change.Rebuild();
            if (!IsFlapping(endpoint, now))
            {
                service.DrainingBegan(endpoint);
            }

            StartTimer(endpoint);
        }

        // Its successor may be registered by now.
        service.AskSource(endpoint);
    }

    /// <summary>An endpoint that has said that it leaves, for one request that asks whether it still does.</summary>
    /// <remarks>It still serves, or refuses the connection, or is a new process. For requests that may be
    /// repeated elsewhere, whichever it is.</remarks>
    /// <param name="secureOnly">Whether the endpoint must speak TLS.</param>
    /// <param name="now">When the request is sent.</param>
    /// <returns>The endpoint, or null when it is not the time.</returns>
    public Endpoint? TakeTrial(bool secureOnly, MeshTime now)
    {
        using (var change = endpoints.Begin())
        {
            foreach (var endpoint in change.Current.Draining)
            {
                if (endpoint.DrainingTrial <= now && (endpoint.SpeaksTls || !secureOnly))
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

    /// <summary>A source has described the endpoint anew. One that has registered since it was to leave has been restarted. The caller
    /// changes the list, and rebuilds.</summary>
    public static void Compare(Endpoint endpoint, EndpointDescription current)
    {
        var known = endpoint.Description;
        if (endpoint.IsDraining
            && (known.InstanceId != current.InstanceId || (known.Registered != 0 && current.Registered > known.Registered)))
        {
            endpoint.EndDraining();
        }
    }

    /// <summary>A request that was sent later is answered well and without that word: the endpoint has been restarted.</summary>
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
            // Many answers may be here at once: the first of them has done it.
            if (start <= endpoint.DrainingSince)
            {
                return;
            }

            var now = service.Clock.Now;
            endpoint.Doubt(now, IsFlapping(endpoint, now) ? Duration.Min(2 * endpoint.DoubtPause, MaxTime) : FirstDoubt);
            End(change, endpoint);
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

    /// <summary>Whether its word was refuted not long ago.</summary>
    private static bool IsFlapping(Endpoint endpoint, MeshTime now) =>
        endpoint.DoubtPause > TimeSpan.Zero && now - endpoint.DoubtedUntil < MaxTime;

    // The timer must not keep the context of the call that brought the news.
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
            change.Rebuild();
        }
    }
}
