using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Calls;

namespace Mesh.Client.Telemetry;

/// <summary>The span and the metrics of a call: what the user experiences, over all attempts.</summary>
internal sealed class CallTelemetry(MeshMetrics metrics, MeshClock clock)
{
    /// <summary>Begins to measure, if somebody listens.</summary>
    /// <returns>Whether metrics listen, and the span if there is one.</returns>
    public Measured Begin(Call call)
    {
        var counted = metrics.CallsEnabled;
        if (counted)
        {
            metrics.CallStarted(call.Service);
        }

        return new Measured(counted, MeshActivitySource.Instance.HasListeners() ? StartSpan(call) : null);
    }

    public void End(Call call, in Measured measured)
    {
        if (measured.Span is { } span)
        {
            EndSpan(call, span);
        }

        if (measured.Counted)
        {
            metrics.CallEnded(call, MeshClock.Span(clock.Now - call.Start));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Activity? StartSpan(Call call)
    {
        // Internal, not client: the attempts below are the client spans.
        var span = MeshActivitySource.Instance.StartActivity("mesh " + call.Service.Name, ActivityKind.Internal);
        span?.SetTag(MeshTags.Service, call.Service.Name);
        return span;
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
    public readonly record struct Measured(bool Counted, Activity? Span);
}
