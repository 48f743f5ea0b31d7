using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Calls;

namespace Mesh.Client.Telemetry;

/// <summary>The span, the metrics and the access log of a call: what the user experiences, over all attempts.</summary>
internal sealed class CallTelemetry(MeshMetrics metrics, AccessLog log, MeshClock clock)
{
    /// <summary>Begins to measure, if somebody listens.</summary>
    /// <returns>Who listens, and the span if there is one.</returns>
    public Measured Begin(Call call)
    {
        var counted = metrics.CallsEnabled;
        if (counted)
        {
            metrics.CallStarted(call.Service);
        }

        return new Measured(counted, log.IsOn, MeshActivitySource.Instance.HasListeners() ? StartSpan(call) : null);
    }

    /// <summary>Ends what was begun. Comes after the result, which nothing in here may replace.</summary>
    public void End(Call call, in Measured measured)
    {
        // Before the span ends: it is the current one, so that metrics can refer to it as an exemplar, and the log line belongs to it.
        if (measured.Counted)
        {
            metrics.CallEnded(call, MeshClock.Span(clock.Now - call.Start));
        }

        if (measured.Logged)
        {
            log.Call(call, MeshClock.Span(clock.Now - call.Start));
        }

        if (measured.Span is { } span)
        {
            try
            {
                EndSpan(call, span);
            }
            catch (Exception)
            {
                // As above.
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Activity? StartSpan(Call call)
    {
        // Internal, not client: the attempts below are the client spans.
        try
        {
            var span = MeshActivitySource.Instance.StartActivity("mesh " + call.Service.Name, ActivityKind.Internal);
            span?.SetTag(MeshTags.Service, call.Service.Name);
            return span;
        }
        catch (Exception)
        {
            // A listener's failure is not the call's.
            return null;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndSpan(Call call, Activity span)
    {
        var last = call.Last;
        span.SetTag(MeshTags.Outcome, last.Outcome.Name());
        if (call.Attempts > 1)
        {
            span.SetTag(MeshTags.ResendCount, call.Attempts - 1);
        }

        if (last.Response is { } response)
        {
            span.SetTag(MeshTags.StatusCode, (int)response.StatusCode);
        }

        if (last.Outcome.IsFailure() || last.Response is null)
        {
            span.SetTag(MeshTags.ErrorType, last.Outcome.Name());
            span.SetStatus(ActivityStatusCode.Error, last.Exception?.Message);
        }

        span.Dispose();
    }

    /// <summary>What was begun, and must be ended alike.</summary>
    public readonly record struct Measured(bool Counted, bool Logged, Activity? Span);
}
