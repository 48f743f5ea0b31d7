using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.OutlierDetection;

/// <summary>Ejects endpoints of one service that keep failing, and readmits them after one successful request.</summary>
/// <remarks>
/// Event-driven: consecutive failures, or many among the attempts of the last seconds, eject at once, and an ejection grows from half a
/// second to half a minute (there is no sweep that could miss a short restart). It never ejects more than a share of the endpoints of a
/// priority level, unless another level can take over, and never the only endpoint. Latency never ejects; the balancer deals with it.
/// </remarks>
/// <param name="endpoints">The endpoints of the service.</param>
/// <param name="rules">The rules in force.</param>
/// <param name="events">Receives the events.</param>
/// <param name="clock">The clock.</param>
/// <param name="random">Spreads the ends of ejections.</param>
internal sealed class OutlierDetector(
    EndpointList endpoints, Func<OutlierDetectionPolicy> rules, IEjectionEvents events, MeshClock clock, IRandomSource random)
{
    /// <summary>With fewer failures than this their share says nothing.</summary>
    private const int MinFailures = 5;

    /// <summary>After this long without an ejection the next one is short again.</summary>
    private static readonly TimeSpan HealthyTime = TimeSpan.FromSeconds(10);

    /// <summary>A readmitted endpoint starts with this much of slow start behind it: it was known before.</summary>
    private static readonly TimeSpan ReadmissionCredit = TimeSpan.FromMilliseconds(3_500);

    public void OnSuccess(Endpoint endpoint, MeshTime start, MeshTime now)
    {
        endpoint.Health.RefusesAlone = false;
        OnAnswer(endpoint, start, now);
    }

    private void OnAnswer(Endpoint endpoint, MeshTime start, MeshTime now)
    {
        var health = endpoint.Health;
        health.AnsweredAt = now;
        health.ForgetFailures();
        health.CountRecent(now, good: true);

        // An answer to a request from before the ejection says nothing new.
        if (health.IsEjected && start > health.EjectedAt)
        {
            Readmit(endpoint);
        }
    }

    public void OnFailure(Endpoint endpoint, bool connectFailure, MeshTime start, bool trial)
    {
        var health = endpoint.Health;
        var policy = rules();
        if (health.IsEjected && start > health.EjectedAt)
        {
            // A failed trial doubles the wait. Other requests reach an ejected endpoint only in panic or as a last resort: nothing new. A
            // trial of an endpoint that such a request has readmitted meanwhile is counted below like any other request.
            if (trial && policy.Enabled)
            {
                Eject(endpoint, EjectionReason.TrialFailed, connectFailure);
            }
            else if (trial)
            {
                // Switched off meanwhile: nothing is ejected, but the permit goes back, or the endpoint would stay ejected for good.
                OnUndecided(endpoint, start);
            }

            return;
        }

        var now = clock.Now;
        health.CountRecent(now, good: false);
        var failures = health.CountFailure();
        var connectFailures = 0;
        if (connectFailure)
        {
            connectFailures = health.CountConnectFailure();
        }
        else
        {
            health.ForgetConnectFailures();
        }

        if (!policy.Enabled || health.IsEjected)
        {
            return;
        }

        if (connectFailures >= policy.ConsecutiveConnectFailures)
        {
            Eject(endpoint, EjectionReason.ConnectFailures, byConnectFailures: true);
        }
        else if (TooMany(failures, health, policy, now) is { } reason && !PeerComparison.AllFailAlike(endpoints.Current, endpoint, now))
        {
            Eject(endpoint, reason, byConnectFailures: false);
        }
    }

    private static EjectionReason? TooMany(int failures, EndpointHealth health, OutlierDetectionPolicy policy, MeshTime now) =>
        failures >= policy.ConsecutiveFailures ? EjectionReason.ConsecutiveFailures
        : health.Recent(now) is var (good, bad) && bad >= MinFailures && bad > policy.FailureRatio * (good + bad)
            ? EjectionReason.FailureRatio
        : null;

    /// <summary>The endpoint refused the request, with a 4xx for example: by its own or the caller's mistake.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="listed">Whether such a status counts as a failure if the other endpoints give it less often.</param>
    /// <param name="start">When the attempt began.</param>
    /// <param name="trial">Whether it is one.</param>
    /// <param name="now">When it ended.</param>
    public PeerVerdict OnRefusal(Endpoint endpoint, bool listed, MeshTime start, bool trial, MeshTime now)
    {
        var health = endpoint.Health;
        var verdict = PeerComparison.OfRefusal(endpoints.Current, endpoint, now);
        if (!listed || verdict == PeerVerdict.Alike)
        {
            // It is alive.
            OnAnswer(endpoint, start, now);
        }
        else if (verdict == PeerVerdict.Far)
        {
            OnFailure(endpoint, connectFailure: false, start, trial);
        }
        else
        {
            // One of several consecutive failures, if later ones show that it is alone with it.
            health.CountRecent(now, good: true);
            health.CountFailure();
            if (trial)
            {
                OnUndecided(endpoint, start);
            }
        }

        return verdict;
    }

    /// <summary>The endpoint accepted no more of a request's body: it has crashed, or has refused the request. It counts as a failure if
    /// the other endpoints accept theirs. Otherwise nothing is learned: neither that the endpoint is alive, nor that it fails; other
    /// requests will show both.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="start">When the attempt began.</param>
    /// <param name="trial">Whether it is one.</param>
    /// <param name="now">When it ended.</param>
    public PeerVerdict OnCutOff(Endpoint endpoint, MeshTime start, bool trial, MeshTime now)
    {
        var verdict = PeerComparison.OfCutOff(endpoints.Current, endpoint, now);
        if (verdict == PeerVerdict.Far)
        {
            OnFailure(endpoint, connectFailure: false, start, trial);
            return verdict;
        }

        // Refusals are counted as a share of all answers, of which this is one.
        endpoint.Health.CountRecent(now, good: true);
        if (trial)
        {
            OnUndecided(endpoint, start);
        }

        return verdict;
    }

    /// <summary>The endpoint is overloaded. If there is a priority level behind it, an endpoint that sheds most of its requests is ejected;
    /// otherwise that would only move the load.</summary>
    public void OnOverload(Endpoint endpoint, MeshTime start, bool trial, MeshTime now)
    {
        var health = endpoint.Health;
        health.CountRefusal(now, shed: true);
        var policy = rules();
        if (!health.IsEjected || start <= health.EjectedAt)
        {
            if (policy.Enabled && !health.IsEjected && health.Burden(now) is var (all, shed) && shed >= MinFailures
                && shed > policy.FailureRatio * all
                && EjectionRoom.HasReserve(endpoints.Current, endpoint))
            {
                Eject(endpoint, EjectionReason.Overloaded, byConnectFailures: false);
            }
        }
        else if (trial && policy.Enabled && EjectionRoom.HasReserve(endpoints.Current, endpoint))
        {
            Eject(endpoint, EjectionReason.TrialFailed, byConnectFailures: false);
        }
        else if (trial)
        {
            OnUndecided(endpoint, start);
        }
    }

    /// <summary>A trial that ended without a verdict (cancelled by the caller, shed by the endpoint): another request may try, after a
    /// pause, so that successive callers are not all sent to a hanging endpoint.</summary>
    public void OnUndecided(Endpoint endpoint, MeshTime start)
    {
        using (var change = endpoints.Begin())
        {
            var health = endpoint.Health;
            if (!health.IsEjected || start <= health.EjectedAt)
            {
                // Decided by another request meanwhile; a later ejection has a trial of its own.
                return;
            }

            health.ReleaseTrial(clock.Now + rules().BaseEjectionTime);
            change.Rebuild();
        }
    }

    /// <summary>An ejected endpoint that is due for a trial, for exactly one request.</summary>
    /// <param name="repeatable">Whether the request may be repeated elsewhere if the endpoint fails it.</param>
    /// <param name="secureOnly">Whether the endpoint must speak TLS.</param>
    /// <param name="now">When the request is sent.</param>
    /// <returns>The endpoint, or null when there is none for this request.</returns>
    public Endpoint? TakeTrial(bool repeatable, bool secureOnly, MeshTime now)
    {
        using (var change = endpoints.Begin())
        {
            foreach (var endpoint in endpoints.Current.Ejected)
            {
                var health = endpoint.Health;
                if (!health.IsEjected || health.TrialInFlight || health.EjectedUntil > now || (secureOnly && !endpoint.SpeaksTls))
                {
                    continue;
                }

                // A request that must not be repeated is no good trial. It is used if connection failures ejected the endpoint (such an
                // attempt is safe to repeat), or if no better request came for another length of the ejection: an endpoint that only gets
                // POSTs must come back, too.
                if (!repeatable && !health.EjectedByConnectFailures && now < health.EjectedUntil + (health.EjectedUntil - health.EjectedAt))
                {
                    continue;
                }

                health.TrialInFlight = true;
                change.Rebuild();
                return endpoint;
            }
        }

        return null;
    }

    private void Eject(Endpoint endpoint, EjectionReason reason, bool byConnectFailures)
    {
        var policy = rules();
        if (reason != EjectionReason.TrialFailed && !EjectionRoom.IsLeft(endpoints.Current, endpoint, policy))
        {
            return;
        }

        using (var change = endpoints.Begin())
        {
            var health = endpoint.Health;
            var room = reason == EjectionReason.TrialFailed
                || (!health.IsEjected && EjectionRoom.IsLeft(endpoints.Current, endpoint, policy));
            if (!room || !change.Contains(endpoint))
            {
                return;
            }

            var now = clock.Now;
            if (!health.IsEjected && now - health.ReadmittedAt > HealthyTime)
            {
                health.ForgetEjections();
            }

            var cause = EjectionCause.Of(health, reason, now);
            var length = Math.Min(
                policy.MaxEjectionTime.TotalSeconds, policy.BaseEjectionTime.TotalSeconds * Math.Pow(2, Math.Min(health.Ejections, 30)));
            length *= 0.75 + (0.5 * random.NextDouble());
            health.Eject(now, now + TimeSpan.FromMicroseconds((long)(length * 1_000_000)), byConnectFailures);
            change.Rebuild();
            events.Ejected(endpoint, reason, cause, TimeSpan.FromSeconds(length));
        }
    }

    private void Readmit(Endpoint endpoint)
    {
        using (var change = endpoints.Begin())
        {
            if (!endpoint.Health.IsEjected)
            {
                return;
            }

            var now = clock.Now;
            endpoint.Health.Readmit(now);
            endpoint.Load.Readmit(now, ReadmissionCredit);
            change.Rebuild();
            events.Readmitted(endpoint);
        }
    }
}
