using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Model;

namespace Mesh.Client.Telemetry;

/// <summary>The instruments of calls. Seconds and UCUM units; nothing is computed without a listener.</summary>
internal sealed class MeshMetrics
{
    private readonly Meter _meter;
    private readonly ModelInForce _model;
    private readonly Histogram<double> _callDuration;
    private readonly Counter<long> _attempts;
    private readonly UpDownCounter<long> _activeCalls;
    private readonly Counter<long> _budgetExhausted;
    private readonly Counter<long> _ejections;
    private readonly Counter<long> _probes;
    private readonly Counter<long> _refusedConnections;
    private readonly Counter<long> _tokenFailures;
    private readonly Counter<long> _headerOversize;

    public MeshMetrics(IMeterFactory meters, ModelInForce model)
    {
        _model = model;
        _meter = meters.Create(MeshTelemetry.MeterName);
        _callDuration = _meter.CreateHistogram(
            "mesh.client.call.duration",
            "s",
            "Duration of calls to services, over all attempts, up to the response headers; of gRPC calls up to the trailers.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets.Seconds });
        _attempts = _meter.CreateCounter<long>("mesh.client.attempts", "{attempt}", "Attempts made on endpoints.");
        _activeCalls = _meter.CreateUpDownCounter<long>("mesh.client.active_calls", "{call}", "Calls under way.");
        _budgetExhausted = _meter.CreateCounter<long>(
            "mesh.client.retry_budget.exhausted", "{retry}", "Retries that were not made because the retry budget was spent.");
        _refusedConnections = _meter.CreateCounter<long>(
            "mesh.client.connections.refused",
            "{connection}",
            "Connections that were not opened because the endpoint policy refuses the address.");
        _ejections = _meter.CreateCounter<long>("mesh.client.ejections", "{ejection}", "Endpoints ejected by outlier detection.");
        _probes = _meter.CreateCounter<long>("mesh.client.probes", "{probe}", "Probes of endpoints that are ejected or get no calls.");
        _tokenFailures = _meter.CreateCounter<long>(
            "mesh.security.token_failures", "{attempt}", "Attempts that were not made because there was no token that they may carry.");
        _headerOversize = _meter.CreateCounter<long>(
            "mesh.security.header_oversize", "{request}", "Requests that a service refused because of the size of their headers (431).");
    }

    public bool CallsEnabled => _callDuration.Enabled || _activeCalls.Enabled;

    /// <summary>Whether there is a listener to <see cref="AttemptEnded"/>: the name of an endpoint is a string that is built on
    /// demand.</summary>
    public bool CountsAttempts => _attempts.Enabled;

    /// <summary>Observes the state of services.</summary>
    /// <param name="endpoints">Known endpoints by state.</param>
    /// <param name="circuits">Circuit breakers: 0 closed, 1 half-open, 2 open.</param>
    public void Observe(Func<IEnumerable<Measurement<long>>> endpoints, Func<IEnumerable<Measurement<int>>> circuits)
    {
        _meter.CreateObservableUpDownCounter("mesh.client.endpoints", endpoints, "{endpoint}", "Known endpoints by state.");
        _meter.CreateObservableGauge(
            "mesh.client.circuit.state", circuits, null, "State of the circuit breaker: 0 closed, 1 half-open, 2 open.");
    }

    public void CallStarted(string service)
    {
        if (_activeCalls.Enabled)
        {
            Add(_activeCalls, 1, new TagList { new KeyValuePair<string, object?>(MeshTags.Service, service) });
        }
    }

    public void CallEnded(in EndedCall ended, TimeSpan duration)
    {
        var name = ended.Service;
        if (_activeCalls.Enabled)
        {
            Add(_activeCalls, -1, new TagList { new KeyValuePair<string, object?>(MeshTags.Service, name) });
        }

        if (_callDuration.Enabled)
        {
            var tags = new TagList
            {
                { MeshTags.Service, name },
                { MeshTags.Outcome, ended.Outcome.Name() },
                { MeshTags.Method, MethodNames.Of(ended.Method) },
            };
            if (ended.Route is { } route)
            {
                tags.Add(MeshTags.Route, route);
            }

            if (ended.Status is { } status)
            {
                tags.Add(MeshTags.StatusCode, status);
            }

            if (ended.GrpcStatus is { } grpc)
            {
                tags.Add(MeshTags.RpcStatus, GrpcStatus.Name(grpc));
            }

            try
            {
                _callDuration.Record(duration.TotalSeconds, tags);
            }
            catch (Exception)
            {
                // See Add.
            }
        }
    }

    public void AttemptEnded(string service, string endpoint, CallOutcome outcome, string reason)
    {
        if (_attempts.Enabled)
        {
            CountAttempt(service, endpoint, outcome, reason);
        }
    }

    public void BudgetExhausted(string service)
    {
        if (_budgetExhausted.Enabled)
        {
            Add(_budgetExhausted, 1, new TagList { new KeyValuePair<string, object?>(MeshTags.Service, service) });
        }
    }

    public void Ejected(string service, string endpoint, EjectionReason reason)
    {
        if (_ejections.Enabled)
        {
            var tags = new TagList { { MeshTags.Service, service }, { MeshTags.Reason, ReasonName(reason) } };
            AddEndpoint(ref tags, endpoint);
            Add(_ejections, 1, tags);
        }
    }

    public void Probed(string service, string endpoint, CallOutcome outcome)
    {
        if (_probes.Enabled)
        {
            var tags = new TagList { { MeshTags.Service, service }, { MeshTags.Outcome, outcome.Name() } };
            AddEndpoint(ref tags, endpoint);
            Add(_probes, 1, tags);
        }
    }

    public void ConnectionRefused(string service)
    {
        if (_refusedConnections.Enabled)
        {
            Add(_refusedConnections, 1, new TagList { new KeyValuePair<string, object?>(MeshTags.Service, service) });
        }
    }

    public void TokenFailed(string service, TokenFailure reason)
    {
        if (_tokenFailures.Enabled)
        {
            Add(_tokenFailures, 1, new TagList { { MeshTags.Service, service }, { MeshTags.TokenReason, ReasonName(reason) } });
        }
    }

    public void HeaderOversize(string service)
    {
        if (_headerOversize.Enabled)
        {
            Add(_headerOversize, 1, new TagList { new KeyValuePair<string, object?>(MeshTags.Service, service) });
        }
    }

    private void CountAttempt(string service, string endpoint, CallOutcome outcome, string reason)
    {
        var tags = new TagList
        {
            { MeshTags.Service, service },
            { MeshTags.Outcome, outcome.Name() },
            { MeshTags.AttemptReason, reason },
        };
        AddEndpoint(ref tags, endpoint);
        Add(_attempts, 1, tags);
    }

    private void AddEndpoint(ref TagList tags, string endpoint)
    {
        if (_model.Current.Options.Telemetry.PerEndpointTags)
        {
            tags.Add(MeshTags.Endpoint, endpoint);
        }
    }

    /// <summary>A listener runs inside of the call that is counted: its exception must not fail that call, and there is nowhere to report
    /// it.</summary>
    private static void Add(Instrument<long> instrument, long value, in TagList tags)
    {
        try
        {
            if (instrument is Counter<long> counter)
            {
                counter.Add(value, tags);
            }
            else
            {
                ((UpDownCounter<long>)instrument).Add(value, tags);
            }
        }
        catch (Exception)
        {
            // See above.
        }
    }

    private static string ReasonName(TokenFailure reason) => reason switch
    {
        TokenFailure.NoUser => "no_user",
        TokenFailure.WrongAudience => "wrong_audience",
        TokenFailure.Expired => "expired",
        TokenFailure.TooLarge => "too_large",
        TokenFailure.InsecureTransport => "insecure_transport",
        TokenFailure.NotReadable => "not_readable",
        TokenFailure.RedirectingHandler => "redirecting_handler",
        _ => "source_failed",
    };

    private static string ReasonName(EjectionReason reason) => reason switch
    {
        EjectionReason.ConsecutiveFailures => "consecutive_failures",
        EjectionReason.ConnectFailures => "connect_failures",
        EjectionReason.FailureRatio => "failure_ratio",
        EjectionReason.TrialFailed => "trial_failed",
        EjectionReason.Overloaded => "overloaded",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Unknown reason."),
    };
}
