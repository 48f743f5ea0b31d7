using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Inbound;

/// <summary>The path of a request through the server half, outermost in the application. <see cref="ServeAsync(HttpContext)"/> shows all
/// steps in order.</summary>
internal sealed partial class InboundMiddleware(
    RequestDelegate next,
    DrainState drain,
    ServerLoad load,
    ModelInForce model,
    MeshClock clock,
    ServerTelemetry telemetry,
    CallerTrust trust,
    GuardedLogger<LogCategories.InboundMiddleware> logger)
{
    private readonly GuardedLogger<LogCategories.InboundMiddleware> _logger = logger;
    private readonly DroppedHeaders _dropped = new(logger);
    private readonly AuthorizationCheck _authorization = new(logger);

    public Task InvokeAsync(HttpContext context) => model.Current.IsEnabled ? ServeAsync(context) : next(context);

    private async Task ServeAsync(HttpContext context)
    {
        // 1 strip what the sender may not set, 2 call context: first of all, so that nothing behind can be fooled. The clock is read once
        // for everything that happens on arrival.
        var now = clock.Now;
        var headers = context.Features.Request().Headers;
        var response = context.Features.Response();
        var call = ReadContext(context, headers, now, out var knowsLoad);
        var holder = ContextHolder.Enter(call, context);
        var measured = default(ServerTelemetry.Measured);
        RequestLoad? work = null;
        var completed = false;
        try
        {
            work = RequestLoad.Begin(load, response, knowsLoad, now, call.HasDeadline);
            measured = telemetry.Begin();

            // 3 draining: before anything that may refuse the request, so that a refused caller also learns that it should go elsewhere.
            if (call.Caller is not null)
            {
                drain.NoteCaller();
            }

            if (drain.IsDraining)
            {
                // HTTP/1.1: "Connection: close" on this answer; HTTP/2: GOAWAY. Otherwise a
                // kept connection brings requests to the very end.
                context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
                SendElsewhere(response, call);
            }
            else if (drain.IsWarmingUp)
            {
                SendElsewhere(response, call);
            }

            await ServeAsync(context, headers, response, call, holder, work, now).ConfigureAwait(false);
            completed = true;
        }
        finally
        {
            // Read from the holder, not kept in a local: each local would cost every request.
            var request = holder.Request!;
            var arrived = holder.Context!;

            // Before anything that could throw: work that the request has started, and that continues, must not see it any more. The server
            // may use the same objects for the next request, which is another user's.
            holder.End();
            if (work is not null)
            {
                work.End();
                telemetry.End(request, arrived, measured, work.Start, completed);
            }
        }
    }

    private ValueTask ServeAsync(
        HttpContext context,
        IHeaderDictionary headers,
        IHttpResponseFeature response,
        CallContext call,
        ContextHolder holder,
        RequestLoad work,
        MeshTime now) =>

        // 6 a header that two readers may understand differently proves nothing. The check is cheap, so it comes before the deadline.
        AuthorizationCheck.IsRefused(headers) ? new(_authorization.AnswerAsync(context))

        // 4 deadline, around the application.
        : call.HasDeadline ? RunInTimeAsync(context, response, (TimedRequest)work, call, now, DeadlineAnswer.IsGrpc(headers), holder)
        : new(next(context));

    /// <param name="context">The request.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="now">When it arrived.</param>
    /// <param name="knowsLoad">Whether the caller may learn the load of this server: it names itself, and is trusted. Where no networks are
    /// listed, the other services are untrusted, too: they must not choose blindly.</param>
    private CallContext ReadContext(HttpContext context, IHeaderDictionary headers, MeshTime now, out bool knowsLoad)
    {
        var view = model.Current;
        var peer = context.Features.Connection()?.RemoteIpAddress;
        var trusted = trust.Believes(view, peer);
        if (!trusted)
        {
            InboundContext.StripBaggage(headers, view.Context.Baggage);
            if (view.LinksTraces)
            {
                context.Features.Get<UntrustedTrace>()?.LinkFrom(Activity.Current);
            }
        }

        // Where no networks are listed, the application's other services are untrusted, too.
        var isOpen = trusted || view.TrustedNetworks.IsEmpty;
        var call = InboundContext.Read(headers, clock, trusted, isOpen, now, out var refused);
        if (refused is not null)
        {
            _dropped.Report(refused, peer);
        }

        knowsLoad = call.Caller is not null && isOpen;
        return call;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RunInTimeAsync(
        HttpContext context,
        IHttpResponseFeature response,
        TimedRequest work,
        CallContext call,
        MeshTime now,
        bool grpc,
        ContextHolder holder)
    {
        if (call.Deadline <= now)
        {
            await DeadlineAnswer.WriteAsync(context, call, grpc, ServerOutcome.DeadOnArrival).ConfigureAwait(false);
            return;
        }

        response.OnStarting(
            grpc ? static state => AnswerBegins((ContextHolder)state, grpc: true) : static state => AnswerBegins(
                (ContextHolder)state, grpc: false),
            holder);
        var deadline = RequestDeadline.Rent(context, work, clock, call.Deadline, _logger, untilTheEnd: grpc);
        try
        {
            var failed = false;
            try
            {
                await next(context).ConfigureAwait(false);
            }
            catch (Exception exception) when (deadline.HasCut || (deadline.CanAnswer && IsAllButOver(deadline, holder)))
            {
                // The application was told to stop, and did. Its exception is then often a consequence, named after the interrupted
                // operation.
                failed = true;
                if (exception is not OperationCanceledException)
                {
                    LogFailedTooLate(_logger, exception);
                }
            }

            // Calls of this request end shortly before it does, and failures that follow from that are not the application's either.
            failed = failed || DeadlineAnswer.IsFailure(response, grpc);
            if (deadline.CanAnswer && (deadline.IsOver || (failed && IsAllButOver(deadline, holder))))
            {
                await DeadlineAnswer.WriteAsync(context, call, grpc, ServerOutcome.Deadline).ConfigureAwait(false);
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

    private static bool IsAllButOver(RequestDeadline deadline, ContextHolder holder) => holder.IsDeadlineSpent || deadline.IsAllButOver;

    /// <summary>The answer begins: the application's, or one of the mesh.</summary>
    private static Task AnswerBegins(ContextHolder holder, bool grpc)
    {
        if (holder is { Request: { } request, Context: { HasDeadline: true } call }
            && request.Features.Response() is var response
            && DeadlineAnswer.IsFailure(response, grpc)
            && (holder.IsDeadlineSpent || call.Remaining <= Call.Reserve))
        {
            DeadlineAnswer.Excuse(request, response, call, grpc);
        }

        if (!grpc)
        {
            // The rest of the answer (events, a WebSocket) may call other services for as long as it lasts.
            holder.LiftDeadline();
        }

        return Task.CompletedTask;
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

    [LoggerMessage(
        1801,
        LogLevel.Warning,
        "The application failed when the deadline of a request had passed. The caller got the answer for a passed deadline.",
        EventName = "FailedAfterDeadline")]
    private static partial void LogFailedTooLate(ILogger logger, Exception exception);
}
