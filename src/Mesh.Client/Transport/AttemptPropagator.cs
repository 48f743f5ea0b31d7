using System.Diagnostics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Transport;

/// <summary>Propagates as the process does, and on the way puts the facts of the attempt on the runtime's client span: the only place that sees both.</summary>
internal sealed class AttemptPropagator : DistributedContextPropagator
{
    /// <summary>The attempt that is being sent. Set only while somebody listens, around the beginning of a send. It goes where the activity goes:
    /// the runtime's handler moves its first request to another thread.</summary>
    private static readonly AsyncLocal<AttemptTags?> CurrentAttempt = new();

    public override IReadOnlyCollection<string> Fields => Current.Fields;

    /// <summary>Exchanges the attempt that is being sent.</summary>
    public static AttemptTags? Exchange(AttemptTags? tags)
    {
        var previous = CurrentAttempt.Value;
        CurrentAttempt.Value = tags;
        return previous;
    }

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is not null)
        {
            CurrentAttempt.Value?.ApplyTo(activity);
        }

        Current.Inject(activity, carrier, setter);
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        Current.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        Current.ExtractBaggage(carrier, getter);
}
