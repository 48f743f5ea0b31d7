using System.Runtime.CompilerServices;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.OutlierDetection;

/// <summary>Probes endpoints of one service: ejected ones that are due for a trial, and those without calls.</summary>
/// <remarks>With probes on, no call of the application is a trial. An endpoint with calls is not probed: its calls say more.</remarks>
internal sealed class ActiveProbes : IDisposable
{
    /// <summary>How often to check which probes are due.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private readonly string _service;
    private readonly EndpointList _endpoints;
    private readonly OutlierDetector _outliers;
    private readonly Func<(bool IsNamed, FailureStatuses Statuses)> _rules;
    private readonly ProbePolicy _policy;
    private readonly MeshMetrics _metrics;
    private readonly MeshClock _clock;
    private readonly IRandomSource _random;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;

    /// <summary>When each idle endpoint was last probed. Only the timer uses it.</summary>
    private readonly ConditionalWeakTable<Endpoint, StrongBox<MeshTime>> _asked = [];
    private int _looking;
    private bool _matters;
    private volatile bool _stopped;

    /// <param name="service">The name of the service; the probes carry it.</param>
    /// <param name="endpoints">Its endpoints.</param>
    /// <param name="outliers">Takes the results.</param>
    /// <param name="rules">Whether the service is configured, and the statuses that count, as they are in force.</param>
    /// <param name="policy">How to probe.</param>
    /// <param name="metrics">Counts the probes.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="random">Spreads the first probes.</param>
    public ActiveProbes(
        string service,
        EndpointList endpoints,
        OutlierDetector outliers,
        Func<(bool IsNamed, FailureStatuses Statuses)> rules,
        ProbePolicy policy,
        MeshMetrics metrics,
        MeshClock clock,
        IRandomSource random)
    {
        _service = service;
        _endpoints = endpoints;
        _outliers = outliers;
        _rules = rules;
        _policy = policy;
        _metrics = metrics;
        _clock = clock;
        _random = random;

        // Without the context of the call that happened to make the service known.
        _timer = clock.TimeProvider.CreateUnboundTimer(
            static state => ((ActiveProbes)state!).AskThoseThatAreDue(), this, Step, Step);
    }

    public void Dispose()
    {
        _stopped = true;
        _timer.Dispose();
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void AskThoseThatAreDue()
    {
        // A slow round may outlast the step.
        if (_stopped || Interlocked.Exchange(ref _looking, 1) != 0)
        {
            return;
        }

        try
        {
            Look(_clock.Now);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private void Look(MeshTime now)
    {
        while (_outliers.TakeTrial(repeatable: true, secureOnly: false, now) is { } ejected)
        {
            _ = AskAsync(ejected, trial: true);
        }

        if (_policy.IdleInterval == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        var usable = _endpoints.Current.Usable;
        _matters = _matters || _rules().IsNamed || Array.Exists(usable, WasCalled);
        if (!_matters)
        {
            // A registry names hundreds of services that this process never calls.
            return;
        }

        foreach (var endpoint in usable)
        {
            if (IsIdle(endpoint, now) && IsDue(endpoint, now))
            {
                _ = AskAsync(endpoint, trial: false);
            }
        }
    }

    private bool WasCalled(Endpoint endpoint) =>
        endpoint.Load.HasLatency || endpoint.Load.InFlight > 0 || endpoint.Load.Success(_clock.Now) < 1f;

    /// <summary>Whether no call has brought an answer for the interval, and none is under way.</summary>
    private bool IsIdle(Endpoint endpoint, MeshTime now)
    {
        if (endpoint.IsDraining || endpoint.Health.IsEjected || endpoint.Load.InFlight > 0)
        {
            return false;
        }

        // Quick failures give no latency.
        var load = endpoint.Load;
        var stamp = now.Stamp;
        var answered = load.LatencyAt(out var last) == 0 ? uint.MaxValue : MeshTime.ElapsedMs(stamp, last);
        var failed = load.Success(now) < 1f ? load.SinceJudged(stamp) : uint.MaxValue;
        return Math.Min(answered, failed) >= _policy.IdleInterval.TotalMilliseconds;
    }

    /// <summary>The first probe comes within an interval, since processes that start together must not all probe at once.</summary>
    private bool IsDue(Endpoint endpoint, MeshTime now)
    {
        var interval = _policy.IdleInterval;
        if (!_asked.TryGetValue(endpoint, out var last))
        {
            _asked.Add(endpoint, new StrongBox<MeshTime>(now - (interval * _random.NextDouble())));
            return false;
        }

        if (now - last.Value < interval)
        {
            return false;
        }

        last.Value = now;
        return true;
    }

    /// <summary>Does not throw.</summary>
    private async Task AskAsync(Endpoint endpoint, bool trial)
    {
        var start = _clock.Now;
        var outcome = await AskAsync(endpoint).ConfigureAwait(false);
        switch (outcome)
        {
            case CallOutcome.Ok:
                _outliers.OnSuccess(endpoint, start, _clock.Now);
                break;
            case CallOutcome.Overloaded or CallOutcome.LocalError or CallOutcome.Canceled when trial:
                _outliers.OnUndecided(endpoint, start);
                break;
            case CallOutcome.Overloaded or CallOutcome.LocalError or CallOutcome.Canceled:
                break;
            default:
                endpoint.Health.LastFailure = $"a probe of {_policy.Path}: {outcome.Name()}";
                _outliers.OnFailure(endpoint, outcome == CallOutcome.ConnectFailure, start, trial);
                break;
        }

        _metrics.Probed(_service, endpoint.Name, outcome);
    }

    /// <summary>A refusal of a path without calls says nothing: there is nothing to compare it with.</summary>
    private CallOutcome Judge(int status) =>
        status >= 500 && _rules().Statuses.Contains(status) ? CallOutcome.UpstreamError : CallOutcome.Ok;

    private async Task<CallOutcome> AskAsync(Endpoint endpoint)
    {
        using var patience = new CancellationTokenSource(_policy.Timeout, _clock.TimeProvider);
        var transport = endpoint.Transport;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stopping.Token);
            using var request = new HttpRequestMessage(
                HttpMethod.Get, transport.Address(new Uri($"http://{_service}{_policy.Path}")))
            {
                // Over TLS both versions are offered: a gRPC-only server refuses clients that offer HTTP/1.1 only.
                VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
            };
            using var response = await transport.Invoker.SendAsync(request, either.Token).ConfigureAwait(false);
            var outcome = OutcomeClassifier.Classify(response);
            return outcome is CallOutcome.Ok or CallOutcome.UpstreamError ? Judge((int)response.StatusCode) : outcome;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return CallOutcome.Timeout;
        }
        catch (Exception) when (_stopped)
        {
            return CallOutcome.Canceled;
        }
        catch (ObjectDisposedException) when (!ReferenceEquals(transport, endpoint.Transport))
        {
            // Replaced just before it was sent: a probe is not in flight in the eyes of the endpoint.
            return CallOutcome.Canceled;
        }
        catch (Exception exception)
        {
            return OutcomeClassifier.Classify(exception, ownPrimary: false, body: BodyState.Unwatched);
        }
    }
}
