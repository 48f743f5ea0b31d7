using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Uses the runtime's client span as the span of the attempt, and adds the mesh's tags to it.</summary>
internal static class AttemptTelemetry
{
    // The runtime creates a client span if there is a parent or a listener; the mesh's own listener exists whenever a tracer was set up for
    // it.
    public static bool IsListening => Activity.Current is not null || MeshActivitySource.Instance.HasListeners();

    /// <summary>Makes the tags available to <see cref="AttemptPropagator"/>, which the runtime calls before the first await of a
    /// send.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Facts Begin(Attempt attempt)
    {
        var call = attempt.Call;
        var tags = new AttemptTags(call.Service.Name, attempt.Endpoint.Name, attempt.Reason, attempt.Number - 1);
        var transport = attempt.Transport;
        var flows = !transport.SendsInPlace && !call.Primary.IsOwn;
        var previous = AttemptPropagator.Exchange(tags);
        if (flows)
        {
            AttemptPropagator.Flow(tags);
        }

        return new Facts(tags, previous, flows ? transport : null);
    }

    /// <summary>A span of the same trace with only the baggage that the endpoint may get. A primary handler of the user writes the whole
    /// baggage of the current span, and would send it to a redirect's target, too.</summary>
    /// <param name="activity">The current span.</param>
    /// <param name="baggage">The baggage that is allowed.</param>
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

    /// <summary>The tags of an attempt that is being sent, until <see cref="End"/>: on the thread that began it, until its first await has
    /// returned.</summary>
    /// <param name="tags">The tags.</param>
    /// <param name="previous">The tags of the surrounding attempt.</param>
    /// <param name="flowsOver">The transport, if its other threads also need them; null otherwise.</param>
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
