using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The span, the metrics and the access log of a call: what the user experiences, over all attempts.</summary>
internal sealed class CallTelemetry(MeshMetrics metrics, AccessLog log, MeshClock clock)
{
    /// <summary>Begins to measure if there is a listener.</summary>
    /// <returns>The active listeners, and the span if there is one.</returns>
    public Measured Begin(Call call)
    {
        var counted = metrics.CallsEnabled;
        if (counted)
        {
            metrics.CallStarted(call.Service.Name);
        }

        return new Measured(counted, log.IsOn, MeshActivitySource.Instance.HasListeners() ? StartSpan(call) : null);
    }

    /// <summary>Ends the measurement. Runs after the result is known; nothing here may replace it.</summary>
    public void End(Call call, in Measured measured)
    {
        if (measured.Counted || measured.Logged || measured.Span is not null)
        {
            Report(Ended(call), measured);
        }
    }

    /// <summary>Ends the measurement of a gRPC call, with its trailers: on the flow of control that has read them.</summary>
    public void End(in EndedCall ended, in Measured measured)
    {
        if (measured.Span is not { } span)
        {
            Report(ended, measured);
            return;
        }

        // Ending a span makes its parent the current one, and that is not the reader's.
        var current = Activity.Current;
        Activity.Current = span;
        Report(ended, measured);
        Activity.Current = current;
    }

    /// <summary>The data of a call that has ended.</summary>
    public static EndedCall Ended(Call call)
    {
        var last = call.Last;
        return new EndedCall
        {
            Service = call.Service.Name,
            Route = call.RouteName,
            Method = call.Request.Method,
            Address = call.Address,
            Endpoint = call.LastEndpoint?.Name,
            Attempts = call.Attempts,
            NoMoreRetries = call.RetryRefused || (call.Attempts > 1 && !call.HasAttemptsLeft),
            Start = call.Start,
            Outcome = last.Outcome,
            Status = (int?)last.Response?.StatusCode,
            GrpcStatus = !call.IsGrpc ? null
                : last.Response is { } response ? GrpcStatus.Of(response.Headers)
                : GrpcAnswer.StatusOf(last.Outcome),
            Exception = last.Exception,
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Report(in EndedCall ended, in Measured measured)
    {
        // Before the span ends: it is the current one, so that metrics can refer to it as an exemplar, and the log line belongs to it.
        var duration = clock.Now - ended.Start;
        if (measured.Counted)
        {
            metrics.CallEnded(ended, duration);
        }

        if (measured.Logged)
        {
            log.Call(ended, duration);
        }

        if (measured.Span is { } span)
        {
            try
            {
                EndSpan(ended, span);
            }
            catch (Exception)
            {
                // A listener's failure is not the call's.
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
    private static void EndSpan(in EndedCall ended, Activity span)
    {
        span.SetTag(MeshTags.Outcome, ended.Outcome.Name());
        if (ended.Route is { } route)
        {
            span.SetTag(MeshTags.Route, route);
        }

        if (ended.Attempts > 1)
        {
            span.SetTag(MeshTags.ResendCount, ended.Attempts - 1);
        }

        if (ended.Status is { } status)
        {
            span.SetTag(MeshTags.StatusCode, status);
        }

        if (ended.GrpcStatus is { } grpc)
        {
            span.SetTag(MeshTags.RpcStatus, GrpcStatus.Name(grpc));
        }

        if (ended.Outcome.IsFailure() || ended.Status is null)
        {
            span.SetTag(MeshTags.ErrorType, ended.Outcome.Name());
            span.SetStatus(ActivityStatusCode.Error, ended.Exception?.Message);
        }

        span.Dispose();
    }

    /// <summary>What was begun, and must be ended.</summary>
    public readonly record struct Measured(bool Counted, bool Logged, Activity? Span);
}
