using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Context;
using Mesh.Client.DependencyInjection;
using Mesh.Client.Lifecycle;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Inbound;

/// <summary>The server half's way of a request, outermost in the application. <see cref="ServeAsync(HttpContext)"/> is its order, all of it.</summary>
internal sealed partial class InboundMiddleware(
    RequestDelegate next,
    DrainState drain,
    ServerLoad load,
    MeshConfiguration configuration,
    MeshClock clock,
    ServerTelemetry telemetry,
    CallerTrust trust,
    ILogger<InboundMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context) => configuration.Current.IsEnabled ? ServeAsync(context) : next(context);

    private async Task ServeAsync(HttpContext context)
    {
        // 1 strip what the sender may not say, 2 call context: first of all, so that nothing behind can be fooled.
        // The clock is read once for all that happens at the arrival.
        var now = clock.Now;
        var headers = context.Features.Request().Headers;
        var response = context.Features.Response();
        var call = ReadContext(context, headers, now);
        var holder = ContextHolder.Enter(call, context);
        var measured = telemetry.Begin();
        var work = RequestLoad.Begin(load, response, tells: call.Caller is not null, now);
        var completed = false;
        try
        {
            // 3 draining: before anything that may refuse the request, so that a refused caller also learns that it should go elsewhere.
            if (call.Caller is not null)
            {
                drain.NoteCaller();
            }

            if (drain.IsDraining)
            {
                // HTTP/1.1: "Connection: close" on this answer; HTTP/2: GOAWAY. Otherwise a kept connection brings requests to the very end.
                context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
                SendElsewhere(response, call);
            }
            else if (drain.IsWarmingUp)
            {
                SendElsewhere(response, call);
            }

            await ServeAsync(context, headers, response, call, holder, now).ConfigureAwait(false);
            completed = true;
        }
        finally
        {
            // What the holder has is not kept beside it: each local would cost every request.
            work.End();
            telemetry.End(holder.Request!, holder.Context!, measured, work.Start, completed);

            // Work that the request has started, and that goes on, must see nothing of it.
            holder.End();
        }
    }

    private ValueTask ServeAsync(HttpContext context, IHeaderDictionary headers, IHttpResponseFeature response, CallContext call, ContextHolder holder, long now) =>

        // 6 a header that two readers may understand differently authenticates nobody. It costs nothing, so it comes before the deadline.
        AuthorizationCheck.IsRefused(headers) ? new(AuthorizationCheck.AnswerAsync(context))

        // 4 deadline, around the application.
        : call.HasDeadline ? RunInTimeAsync(context, response, call.Deadline, now, DeadlineAnswer.IsGrpc(headers), holder)
        : new(next(context));

    private CallContext ReadContext(HttpContext context, IHeaderDictionary headers, long now)
    {
        var view = configuration.Current;
        var trusted = trust.Believes(view, context.Features.Connection()?.RemoteIpAddress);
        if (!trusted)
        {
            InboundContext.StripBaggage(headers, view.Context.Baggage);
            if (view.LinksTraces)
            {
                context.Features.Get<StrangerTrace>()?.LinkFrom(Activity.Current);
            }
        }

        return InboundContext.Read(headers, clock, trusted, now);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RunInTimeAsync(HttpContext context, IHttpResponseFeature response, long until, long now, bool grpc, ContextHolder holder)
    {
        if (until <= now)
        {
            await DeadlineAnswer.WriteAsync(context, grpc, ServerOutcome.DeadOnArrival).ConfigureAwait(false);
            return;
        }

        if (!grpc)
        {
            // What goes on then (events, a WebSocket) may call others for as long as it lasts.
            response.OnStarting(
                static state =>
                {
                    ((ContextHolder)state).LiftDeadline();
                    return Task.CompletedTask;
                },
                holder);
        }

        var deadline = RequestDeadline.Rent(context, clock, until, logger, untilTheEnd: grpc);
        try
        {
            try
            {
                await next(context).ConfigureAwait(false);
            }
            catch (Exception exception) when (deadline.NeedsAnswer || deadline.HasCut)
            {
                // The application was told to stop, and did. What it throws then is often a consequence, by the name of whoever was interrupted.
                if (exception is not OperationCanceledException)
                {
                    LogFailedTooLate(logger, exception);
                }
            }

            if (deadline.NeedsAnswer)
            {
                await DeadlineAnswer.WriteAsync(context, grpc, ServerOutcome.Deadline).ConfigureAwait(false);
            }
            else if (deadline.HasCut)
            {
                DeadlineAnswer.EndStream(context);
            }
        }
        finally
        {
            deadline.Return();
        }
    }

    private static void SendElsewhere(IHttpResponseFeature response, CallContext call)
    {
        if (call.Caller is not null)
        {
            // Set when the answer starts, because error handlers clear the headers set before.
            response.OnStarting(
                static state =>
                {
                    ((IHttpResponseFeature)state).Headers[MeshHeaders.Draining] = "1";
                    return Task.CompletedTask;
                },
                response);
        }
    }

    [LoggerMessage(1801, LogLevel.Warning, "The application failed when the deadline of a request was spent. The caller got the answer of a spent deadline.", EventName = "FailedAfterDeadline")]
    private static partial void LogFailedTooLate(ILogger logger, Exception exception);
}
