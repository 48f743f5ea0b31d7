using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Mesh.Client.Registration;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>The instruments of the server half. They exist only in an application that has a server.</summary>
internal sealed class ServerMetrics
{
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _active;

    public ServerMetrics(IMeterFactory meters, DrainState drain)
    {
        var meter = meters.Create(MeshTelemetry.MeterName);
        _duration = meter.CreateHistogram(
            "mesh.server.request.duration",
            "s",
            "Duration of requests to this server, up to the end of the application.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets.Seconds });
        _active = meter.CreateUpDownCounter<long>("mesh.server.active_requests", "{request}", "Requests under way.");
        meter.CreateObservableGauge(
            "mesh.server.draining", () => drain.IsDraining ? 1 : 0, null, "Whether this application is leaving: 0 no, 1 yes.");
    }

    public bool Enabled => _duration.Enabled || _active.Enabled;

    public void RequestStarted() => _active.Add(1);

    public void RequestIsOver() => _active.Add(-1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void RequestEnded(HttpContext context, ServerOutcome outcome, TimeSpan duration)
    {
        var tags = new TagList { { MeshTags.Outcome, outcome.Name }, { MeshTags.Method, MethodNames.Of(context.Request.Method) } };

        // An exception on its way out has not become a 500 yet, and an aborted request gets no answer.
        if (outcome != ServerOutcome.Canceled)
        {
            tags.Add(MeshTags.StatusCode, ServerTelemetry.StatusOf(context, outcome));
        }

        _duration.Record(duration.TotalSeconds, tags);
    }
}
