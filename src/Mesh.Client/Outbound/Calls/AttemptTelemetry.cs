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

    /// <summary>Has the facts at hand for <see cref="AttemptPropagator"/>, which the runtime calls before the first await of a
    /// send.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Facts Begin(Endpoint endpoint, Call call)
    {
        var tags = new AttemptTags(call.Service.Name, endpoint.Name, call.AttemptReason, call.Attempts - 1);
        var transport = call.TransportOf(endpoint);
        var flows = !transport.SendsInPlace && !call.Primary.IsOwn;
        var previous = AttemptPropagator.Exchange(tags);
        if (flows)
        {
            AttemptPropagator.Flow(tags);
        }

        return new Facts(tags, previous, flows ? transport : null);
    }

    /// <summary>A span of the same trace that has only what may go where the attempt goes. A primary handler of the user's writes the
    /// whole baggage of the current span, and would also to a redirect's target.</summary>
    /// <param name="activity">The current span.</param>
    /// <param name="baggage">What may go.</param>
    public static Activity Shield(Activity activity, BaggageFilter baggage)
    {
        const string Name = "mesh attempt";
        var shield = MeshActivitySource.Instance.StartActivity(
            Name, ActivityKind.Internal, activity.Context) ?? Unrecorded(Name, activity);
        baggage.Copy(activity, shield);
        return shield;
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

    /// <summary>The facts of an attempt that is being sent, until <see cref="End"/>: on the thread that has begun it, before its first
    /// await is over.</summary>
    /// <param name="tags">The facts.</param>
    /// <param name="previous">Those of the attempt around it.</param>
    /// <param name="flowsOver">The transport for which they also go to other threads; null where they need not.</param>
    public readonly struct Facts(AttemptTags tags, AttemptTags? previous, EndpointTransport? flowsOver)
    {
        public void End()
        {
            AttemptPropagator.Exchange(previous);
            if (flowsOver is not null)
            {
                AttemptPropagator.Flow(null);
                flowsOver.SendsInPlace = tags.IsApplied;
            }
        }
    }
}
