using System.Runtime.CompilerServices;
using Mesh.Client.Context;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Inbound;

/// <summary>Serves a request within the deadline that came with it.</summary>
internal sealed partial class DeadlineStep(
    RequestDelegate next, MeshClock clock, GuardedLogger<LogCategories.InboundMiddleware> logger)
{
    private readonly GuardedLogger<LogCategories.InboundMiddleware> _logger = logger;

    /// <param name="context">The request.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="work">Its lifetime.</param>
    /// <param name="call">The context that came with it: it has a deadline.</param>
    /// <param name="now">When it arrived.</param>
    /// <param name="grpc">Whether it is a call of gRPC.</param>
    /// <param name="holder">The holder of its context.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunAsync(
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
            && (holder.IsDeadlineSpent || call.Remaining <= CallDeadline.Reserve))
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

    [LoggerMessage(
        1801,
        LogLevel.Warning,
        "The application failed when the deadline of a request had passed. The caller got the answer for a passed deadline.",
        EventName = "FailedAfterDeadline")]
    private static partial void LogFailedTooLate(ILogger logger, Exception exception);
}
