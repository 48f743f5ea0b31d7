using System.Diagnostics;
using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>The path of a request through the server half, outermost in the application. <see cref="ServeAsync"/> and
/// <see cref="RunAsync"/> are the list of its steps, with the reason for the place of each.</summary>
internal sealed class InboundMiddleware(
    RequestDelegate next,
    DrainState drain,
    ServerLoad load,
    ModelInForce model,
    MeshClock clock,
    ServerTelemetry telemetry,
    CallerTrust trust,
    IEnumerable<IEndpointStep> endpointSteps,
    GuardedLogger<LogCategories.InboundMiddleware> logger)
{
    private readonly DroppedHeaders _dropped = new(logger);
    private readonly DrainNotice _draining = new(drain);
    private readonly AuthorizationCheck _authorization = new(logger);
    private readonly EndpointSteps? _endpointSteps = EndpointSteps.Of(endpointSteps);
    private readonly DeadlineStep _deadline = new(next, clock, logger);

    public Task InvokeAsync(HttpContext context) => model.Current.IsEnabled ? ServeAsync(context) : next(context);

    /// <summary>The steps that each request passes. They stand here as calls, not in an array: an object or an asynchronous frame for each
    /// would cost every request.</summary>
    private async Task ServeAsync(HttpContext context)
    {
        // The clock is read once for everything that happens on arrival.
        var now = clock.Now;
        var headers = context.Features.Request().Headers;
        var response = context.Features.Response();

        // 1 who sends, and what it may not say: first of all, so that nothing behind can be fooled.
        var call = ReadContext(context, headers, now, out var knowsLoad);

        // 2 call context: everything behind reads it.
        var holder = ContextHolder.Enter(call, context);
        var measured = default(ServerTelemetry.Measured);
        RequestLoad? work = null;
        var completed = false;
        try
        {
            // 3 load and telemetry: before the first step that may answer, because refused requests count, too.
            work = RequestLoad.Begin(load, response, knowsLoad, now, call.HasDeadline);
            measured = telemetry.Begin();

            // 4 draining: before anything that may refuse the request, so that a refused caller also learns that it should go elsewhere.
            _draining.Give(context, response, call);

            await RunAsync(context, headers, response, call, holder, work, now).ConfigureAwait(false);
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

    /// <summary>The steps that may answer in place of the application.</summary>
    private ValueTask RunAsync(
        HttpContext context,
        IHeaderDictionary headers,
        IHttpResponseFeature response,
        CallContext call,
        ContextHolder holder,
        RequestLoad work,
        MeshTime now)
    {
        // 5 a header that two readers may understand differently proves nothing. The check is cheap, so it comes before the deadline.
        if (AuthorizationCheck.IsRefused(headers))
        {
            return new(_authorization.AnswerAsync(context));
        }

        // 6 the second place: not before the request may go on, and before the application, which chooses the endpoint. Its steps run
        // there, within the deadline.
        _endpointSteps?.Watch(context.Features);

        // 7 deadline: around everything that takes time. 8 the application.
        return call.HasDeadline
            ? _deadline.RunAsync(context, response, (TimedRequest)work, call, now, DeadlineAnswer.IsGrpc(headers), holder)
            : new(next(context));
    }

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
}
