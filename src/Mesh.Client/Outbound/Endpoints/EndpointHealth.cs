using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>The data of outlier detection about one endpoint. The counters are lock-free; everything else is guarded by the service's
/// lock.</summary>
internal sealed class EndpointHealth
{
    private int _consecutiveFailures;
    private int _consecutiveConnectFailures;
    private long _ejectedAt = MeshTime.Never.Micros;
    private long _answeredAt = MeshTime.LongAgo.Micros;
    private OutcomeWindow _recent;

    // Created when an attempt first fails or is refused: most endpoints need none.
    private EndpointTrouble? _trouble;

    /// <summary>Whether the endpoint is ejected. Read without the lock on completion of an attempt.</summary>
    public bool IsEjected => !EjectedAt.IsNever;

    /// <summary>When it was ejected, if it is.</summary>
    public MeshTime EjectedAt => MeshTime.Read(ref _ejectedAt);

    /// <summary>When it last answered; <see cref="MeshTime.LongAgo"/> for not yet.</summary>
    public MeshTime AnsweredAt
    {
        get => MeshTime.Read(ref _answeredAt);
        set => MeshTime.Write(ref _answeredAt, value);
    }

    /// <summary>When a trial request may go to it.</summary>
    public MeshTime EjectedUntil { get; private set; }

    /// <summary>When it was readmitted: if it stays healthy long enough, earlier ejections are forgotten.</summary>
    public MeshTime ReadmittedAt { get; private set; }

    /// <summary>Ejections in a row; each doubles the next one's length.</summary>
    public int Ejections { get; private set; }

    /// <summary>Whether a trial request is under way: there is never more than one.</summary>
    public bool TrialInFlight { get; set; }

    /// <summary>Whether connection failures ejected it. A trial that cannot connect is safe to repeat elsewhere, whatever its
    /// method.</summary>
    public bool EjectedByConnectFailures { get; private set; }

    /// <summary>Whether it refuses far more than its peers. Until it gives another answer, or they refuse as much, each refusal counts
    /// against it.</summary>
    public bool RefusesAlone
    {
        get => Volatile.Read(ref _trouble) is { RefusesAlone: true };
        set
        {
            if (value)
            {
                Trouble().RefusesAlone = true;
            }
            else if (Volatile.Read(ref _trouble) is { RefusesAlone: true } trouble)
            {
                trouble.RefusesAlone = false;
            }
        }
    }

    /// <summary>A description of the last failed attempt, for the log: of several at the same time, any will do.</summary>
    public string? LastFailure
    {
        get => Volatile.Read(ref _trouble)?.LastFailure;
        set => Trouble().LastFailure = value;
    }

    public int ConsecutiveFailures => Volatile.Read(ref _consecutiveFailures);

    public int ConsecutiveConnectFailures => Volatile.Read(ref _consecutiveConnectFailures);

    public bool HasFailures => Volatile.Read(ref _consecutiveFailures) != 0;

    public int CountFailure() => Interlocked.Increment(ref _consecutiveFailures);

    public int CountConnectFailure() => Interlocked.Increment(ref _consecutiveConnectFailures);

    /// <summary>Called on every success. Writes only if there is something to forget, which avoids false sharing between healthy
    /// endpoints.</summary>
    public void ForgetFailures()
    {
        if (HasFailures)
        {
            Volatile.Write(ref _consecutiveFailures, 0);
            Volatile.Write(ref _consecutiveConnectFailures, 0);
        }
    }

    /// <summary>Counts an attempt in the window of the last seconds.</summary>
    public void CountRecent(MeshTime now, bool good) => _recent.Count(now, good);

    /// <summary>Counts a refusal: an answer that is neither a success nor a failure. A refusal by overload is in no other count.</summary>
    public void CountRefusal(MeshTime now, bool shed) => Trouble().Refusals.Count(now, good: !shed);

    /// <summary>The answers of the last seconds, and how many of them were refusals.</summary>
    public (int All, int Refused) Answers(MeshTime now)
    {
        var (good, bad) = _recent.Read(now);
        var (refused, shed) = Refusals(now);

        // A failure of an ejected endpoint is in none of the counts.
        return (Math.Max(good + bad, refused) + shed, refused + shed);
    }

    /// <summary>The attempts of the last seconds, and how many of them failed or were shed.</summary>
    public (int All, int FailedOrShed) Burden(MeshTime now)
    {
        var (good, bad) = _recent.Read(now);
        var shed = Refusals(now).Shed;
        return (good + bad + shed, bad + shed);
    }

    /// <summary>The results of the attempts of the last seconds.</summary>
    public (int Good, int Bad) Recent(MeshTime now) => _recent.Read(now);

    public void ForgetConnectFailures() => Volatile.Write(ref _consecutiveConnectFailures, 0);

    public void Eject(MeshTime now, MeshTime until, bool byConnectFailures)
    {
        Ejections++;
        EjectedUntil = until;
        EjectedByConnectFailures = byConnectFailures;
        TrialInFlight = false;
        MeshTime.Write(ref _ejectedAt, now);
    }

    public void Readmit(MeshTime now)
    {
        ReadmittedAt = now;
        TrialInFlight = false;
        ForgetFailures();
        _recent.Clear();
        Volatile.Read(ref _trouble)?.Refusals.Clear();
        MeshTime.Write(ref _ejectedAt, MeshTime.Never);
    }

    /// <param name="next">When the next trial may begin.</param>
    public void ReleaseTrial(MeshTime next)
    {
        TrialInFlight = false;
        EjectedUntil = MeshTime.Max(EjectedUntil, next);
    }

    public void ForgetEjections() => Ejections = 0;

    private (int Refused, int Shed) Refusals(MeshTime now) =>
        Volatile.Read(ref _trouble) is { } trouble ? trouble.Refusals.Read(now) : default;

    // Racing threads keep the first one.
    private EndpointTrouble Trouble() =>
        Volatile.Read(ref _trouble) ?? Interlocked.CompareExchange(ref _trouble, new EndpointTrouble(), null) ?? _trouble;
}
