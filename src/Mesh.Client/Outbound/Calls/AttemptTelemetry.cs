using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The runtime's own client span is the attempt's; this puts the mesh's facts on it.</summary>
internal static class AttemptTelemetry
{
    // The runtime makes a client span when there is a parent or a listener; ours listens whenever a tracer was set up for the mesh.
    public static bool IsListening => Activity.Current is not null || MeshActivitySource.Instance.HasListeners();

    /// <summary>Sends with the facts at hand for <see cref="AttemptPropagator"/>, which the runtime
    /// calls before the first await of a send.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Task<HttpResponseMessage> SendTagged(Endpoint endpoint, Call call, BaggageFilter baggage, CancellationToken token)
    {
        var tags = new AttemptTags(call.Service.Name, endpoint.Name, Reason(call), call.Attempts - 1);
        var transport = call.TransportOf(endpoint);
        var flows = !transport.SendsInPlace && !call.Primary.IsOwn;
        var previous = AttemptPropagator.Exchange(tags);
        if (flows)
        {
            AttemptPropagator.Flow(tags);
        }

        try
        {
            return call.Primary.IsOwn && Activity.Current is { } activity && activity.Baggage.Any()
                ? SendShielded(endpoint, call, activity, baggage, token)
                : AttemptPipeline.Send(endpoint, call, token);
        }
        finally
        {
            AttemptPropagator.Exchange(previous);
            if (flows)
            {
                AttemptPropagator.Flow(null);
                transport.SendsInPlace = tags.IsApplied;
            }
        }
    }

    /// <summary>A primary handler of the user's writes the whole baggage of the current span, and would also to a redirect's target. So it
    /// sees a span of the same trace that has only what may go where it goes.</summary>
    private static async Task<HttpResponseMessage> SendShielded(
        Endpoint endpoint, Call call, Activity activity, BaggageFilter baggage, CancellationToken token)
    {
        const string Name = "mesh attempt";
        using var shield = MeshActivitySource.Instance.StartActivity(
            Name, ActivityKind.Internal, activity.Context) ?? Unrecorded(Name, activity);
        if (!call.MayRoam(endpoint))
        {
            baggage.Copy(activity, shield);
        }

        return await AttemptPipeline.Send(endpoint, call, token).ConfigureAwait(false);
    }

    private static Activity Unrecorded(string name, Activity parent)
    {
        var activity = new Activity(name);
        if (parent.IdFormat == ActivityIdFormat.W3C)
        {
            activity.SetParentId(parent.TraceId, parent.SpanId, parent.ActivityTraceFlags);
            activity.TraceStateString = parent.TraceStateString;
        }

        return activity.Start();
    }

    /// <summary>Why the call's present attempt is made.</summary>
    public static string Reason(Call call) => call.Attempts <= 1 ? "first" : "retry";
}
