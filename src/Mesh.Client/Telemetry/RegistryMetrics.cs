using System.Diagnostics.Metrics;
using Mesh.Client.Primitives;

namespace Mesh.Client.Telemetry;

/// <summary>The instruments of the registry client: the registry's answers, the age of the known endpoints, and this application's
/// registration.</summary>
internal sealed class RegistryMetrics
{
    /// <summary>The states of a registration, in the order of <see cref="RegistrationState"/>.</summary>
    private static readonly string[] States = ["none", "starting", "up", "down", "out_of_service"];

    private readonly TimeProvider _time;
    private readonly Histogram<double> _fetchDuration;
    private readonly Counter<long> _heartbeats;

    // Written by the loop of the source, read by the collector. 0 while nothing is fetched.
    private long _goodSince;
    private long _instances;

    // Written by the loop of the registration and by the deregistration, which follows it; below 0 while nothing is registered.
    private int _registration = -1;

    public RegistryMetrics(IMeterFactory meters, [OwnClock] TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(MeshTelemetry.MeterName);
        _fetchDuration = meter.CreateHistogram(
            "mesh.registry.fetch.duration",
            "s",
            "Duration of fetches from the registry, over all its servers.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets.Seconds });
        _heartbeats = meter.CreateCounter<long>("mesh.registry.heartbeats", "{heartbeat}", "Renewals of this application's registration.");
        meter.CreateObservableGauge(
            "mesh.registry.age", Age, "s", "Time since the last good answer of the registry, or since the first fetch.");
        meter.CreateObservableUpDownCounter(
            "mesh.registry.instances", Instances, "{instance}", "Instances that may be called, of all services in the registry.");
        meter.CreateObservableGauge(
            "mesh.registry.registration.state",
            Registrations,
            null,
            "What the registry has accepted about this application: 1 for the present state.");
    }

    /// <summary>A fetch begins. The age runs from the first one on.</summary>
    /// <returns>For <see cref="FetchEnded"/> and <see cref="FetchFailed"/>.</returns>
    public long FetchBegins()
    {
        var now = _time.GetTimestamp();
        _ = Interlocked.CompareExchange(ref _goodSince, now, 0);
        return now;
    }

    public void FetchEnded(long start, int instances)
    {
        Volatile.Write(ref _goodSince, _time.GetTimestamp());
        Volatile.Write(ref _instances, instances);
        Record(start, Results.Ok);
    }

    public void FetchFailed(long start) => Record(start, Results.Error);

    /// <summary>Fetching has ended; endpoints still in use have no age.</summary>
    public void FetchingEnded() => Volatile.Write(ref _goodSince, 0);

    /// <param name="result">One of <see cref="Results.Ok"/>, <see cref="Results.Error"/>, <see cref="Results.Forgotten"/>.</param>
    public void Heartbeat(string result) => _heartbeats.Add(1, new KeyValuePair<string, object?>(MeshTags.Result, result));

    public void Registered(RegistrationState state) => Volatile.Write(ref _registration, (int)state);

    private void Record(long start, string result)
    {
        if (_fetchDuration.Enabled)
        {
            _fetchDuration.Record(_time.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>(MeshTags.Result, result));
        }
    }

    private IEnumerable<Measurement<double>> Age()
    {
        var since = Volatile.Read(ref _goodSince);
        return since == 0 ? [] : [new(_time.GetElapsedTime(since).TotalSeconds)];
    }

    private IEnumerable<Measurement<long>> Instances() => Volatile.Read(ref _goodSince) == 0 ? [] : [new(Volatile.Read(ref _instances))];

    private IEnumerable<Measurement<int>> Registrations()
    {
        var state = Volatile.Read(ref _registration);
        return state < 0
            ? []
            : States.Select((name, i) => new Measurement<int>(i == state ? 1 : 0, new KeyValuePair<string, object?>(MeshTags.State, name)));
    }
}
