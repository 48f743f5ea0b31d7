using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Context;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>The metrics and the access log of a request to this server. Outermost: it counts what the caller experiences, even where the
/// application does not run.</summary>
internal sealed class ServerTelemetry(ServerMetrics metrics, ServerAccessLog log, MeshClock clock)
{
    private ServerMetrics Metrics => metrics;

    private ServerAccessLog Log => log;

    /// <summary>Begins to measure if there is a listener. Does not throw.</summary>
    public Measured Begin()
    {
        var counted = metrics.Enabled;
        if (counted)
        {
            // Counted even if a listener has thrown: others may have counted it.
            Try(static metrics => metrics.RequestStarted(), metrics);
        }

        return new Measured(counted, IsLogged());
    }

    /// <summary>Does not throw: a faulty listener must not turn the application's answer into a failure.</summary>
    /// <param name="context">The request.</param>
    /// <param name="call">The context that came with the request.</param>
    /// <param name="measured">From <see cref="Begin"/>.</param>
    /// <param name="start">When it arrived.</param>
    /// <param name="completed">Whether the application returned; false when an exception came out of it.</param>
    public void End(HttpContext context, CallContext call, in Measured measured, MeshTime start, bool completed)
    {
        if (measured.Counted || measured.Logged)
        {
            Write(context, call, measured, start, completed);
        }
    }

    /// <summary>Records that the mesh answered in place of the application: on the server's span and metrics, and on ours.</summary>
    public static void Answered(HttpContext context, ServerOutcome outcome)
    {
        context.Features.Set(outcome);
        Activity.Current?.SetTag(MeshTags.Outcome, outcome.Name);
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new(MeshTags.Outcome, outcome.Name));
    }

    /// <summary>The status that the caller gets: the server turns an exception into a 500 after this middleware.</summary>
    public static int StatusOf(HttpContext context, ServerOutcome outcome) =>
        outcome == ServerOutcome.Error
            && !context.Response.HasStarted
            && context.Response.StatusCode < StatusCodes.Status500InternalServerError
            ? StatusCodes.Status500InternalServerError
            : context.Response.StatusCode;

    private bool IsLogged()
    {
        try
        {
            return log.IsOn;
        }
        catch (Exception)
        {
            // A log provider of the application that throws even when asked whether it listens.
            return false;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Write(HttpContext context, CallContext call, in Measured measured, MeshTime start, bool completed)
    {
        var outcome = ServerOutcome.Of(context, completed);
        var duration = clock.Now - start;
        var ended = (Self: this, context, call, outcome, duration);
        if (measured.Counted)
        {
            // Each separately: one that throws must not cost the others.
            Try(static metrics => metrics.RequestIsOver(), metrics);
            Try(static e => e.Self.Metrics.RequestEnded(e.context, e.outcome, e.duration), ended);
        }

        if (measured.Logged)
        {
            Try(static e => e.Self.Log.Request(e.context, e.call, e.outcome, StatusOf(e.context, e.outcome), e.duration), ended);
        }
    }

    /// <summary>Calls a listener of metrics. Its exceptions are dropped: there is no other place to report them.</summary>
    private static void Try<T>(Action<T> tell, T what)
    {
        try
        {
            tell(what);
        }
        catch (Exception)
        {
            // The listener's fault must not fail the answer.
        }
    }

    /// <summary>What was begun, and must be ended.</summary>
    public readonly record struct Measured(bool Counted, bool Logged);
}
