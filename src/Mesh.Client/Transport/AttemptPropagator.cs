using System.Diagnostics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Transport;

/// <summary>Propagates as the process does, and on the way puts the facts of the attempt on the runtime's client span: the only place that sees both.</summary>
internal sealed class AttemptPropagator : DistributedContextPropagator
{
    /// <summary>The attempt that is being sent, going where the activity goes: the runtime's handler moves its first requests to another thread.
    /// Used for these only, since setting it allocates.</summary>
    private static readonly AsyncLocal<AttemptTags?> Flowing = new();

    /// <summary>The attempt that is being sent on this thread. Set only while somebody listens, around the synchronous beginning of a send.</summary>
    [ThreadStatic]
    private static AttemptTags? _current;

    public override IReadOnlyCollection<string> Fields => Current.Fields;

    /// <summary>Exchanges the attempt that is being sent on this thread.</summary>
    public static AttemptTags? Exchange(AttemptTags? tags)
    {
        var previous = _current;
        _current = tags;
        return previous;
    }

    /// <summary>Lets the attempt go along to other threads; null ends that.</summary>
    public static void Flow(AttemptTags? tags) => Flowing.Value = tags;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is not null)
        {
            (_current ?? Flowing.Value)?.ApplyTo(activity);
        }

        Current.Inject(activity, carrier, setter);
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        Current.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        Current.ExtractBaggage(carrier, getter);
}
