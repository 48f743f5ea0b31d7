using System.Diagnostics;
using Mesh.Client.Model;

namespace Mesh.Client.Inbound;

/// <summary>Reads the trace context of requests as the application does, except that the trace of an untrusted caller does not become the
/// parent of the server's span. This must be decided here: the span begins before any middleware runs.</summary>
/// <param name="inner">The application's propagator; null for the one of the process.</param>
/// <param name="model">Says whether the traces of untrusted callers are continued.</param>
/// <param name="trust">Decides which callers are trusted.</param>
internal sealed class InboundPropagator(
    DistributedContextPropagator? inner, ModelInForce model, CallerTrust trust) : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields => Inner.Fields;

    private DistributedContextPropagator Inner => inner ?? Current;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        Inner.Inject(activity, carrier, setter);

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        Inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
        if (traceId is null
            || ArrivingRequest.With(carrier) is not { } request
            || trust.Believes(model.Current, request.Connection.RemoteIpAddress))
        {
            return;
        }

        // OpenTelemetry's instrumentation of the server reads the headers again, and would restore the untrusted caller's span.
        foreach (var field in Inner.Fields)
        {
            if (!BaggageFilter.IsBaggage(field))
            {
                request.Request.Headers.Remove(field);
            }
        }

        request.Features.Set(new UntrustedTrace(traceId, traceState));
        traceId = null;
        traceState = null;
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        Inner.ExtractBaggage(carrier, getter);
}
