using System.Diagnostics;
using System.Net.Http.Headers;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using OpenTelemetry;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Propagates as the process does, except that baggage only goes where it is allowed. It also sets the tags of the attempt on the
/// runtime's client span: this is the only place that sees both.</summary>
/// <param name="baggage">The allowed baggage; read each time, since it reloads.</param>
internal sealed class AttemptPropagator(Func<BaggageFilter> baggage) : DistributedContextPropagator
{
    /// <summary>The attempt being sent, flowing with the activity: the runtime's handler moves its first requests to another thread. Used
    /// only for these, since setting it allocates.</summary>
    private static readonly AsyncLocal<AttemptTags?> Flowing = new();

    /// <summary>The attempt being sent on this thread. Set only with a listener, around the synchronous beginning of a send.</summary>
    [ThreadStatic]
    private static AttemptTags? _current;

    /// <summary>The last setter and its filter. The runtime always uses the same setter; racing threads create equal filters.</summary>
    private SetterFilter? _filter;

    public override IReadOnlyCollection<string> Fields => Current.Fields;

    /// <summary>Exchanges the attempt being sent on this thread.</summary>
    public static AttemptTags? Exchange(AttemptTags? tags)
    {
        var previous = _current;
        _current = tags;
        return previous;
    }

    /// <summary>Lets the attempt flow to other threads; null ends that.</summary>
    public static void Flow(AttemptTags? tags) => Flowing.Value = tags;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is not null)
        {
            (_current ?? Flowing.Value)?.ApplyTo(activity);
        }

        if (carrier is HttpRequestMessage { Headers: var headers }
            && Baggage.Current.Count > 0
            && headers.NonValidated.TryGetValues(BaggageFilter.HeaderName, out var written))
        {
            Filter(headers, written.ToString());
        }

        if (setter is not null)
        {
            Current.Inject(activity, carrier, FilterFor(setter));
        }
    }

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        Current.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        Current.ExtractBaggage(carrier, getter);

    /// <summary>OpenTelemetry's client instrumentation has a baggage of its own, and has written all of it before the runtime comes
    /// here.</summary>
    private void Filter(HttpRequestHeaders headers, string written)
    {
        headers.Remove(BaggageFilter.HeaderName);
        var allowed = baggage().Apply(written);
        if (allowed.Length > 0)
        {
            headers.Add(BaggageFilter.HeaderName, allowed);
        }
    }

    private PropagatorSetterCallback FilterFor(PropagatorSetterCallback setter)
    {
        var filter = _filter;
        if (filter is null || filter.Inner != setter)
        {
            _filter = filter = new SetterFilter(setter, baggage);
        }

        return filter.Outer;
    }

    /// <summary>The only place that baggage passes through: the propagator of the process writes it directly.</summary>
    private sealed class SetterFilter
    {
        private readonly Func<BaggageFilter> _baggage;

        public SetterFilter(PropagatorSetterCallback inner, Func<BaggageFilter> baggage)
        {
            Inner = inner;
            Outer = Set;
            _baggage = baggage;
        }

        public PropagatorSetterCallback Inner { get; }

        public PropagatorSetterCallback Outer { get; }

        private void Set(object? carrier, string name, string value)
        {
            if (BaggageFilter.IsBaggage(name))
            {
                value = _baggage().Apply(value);
                if (value.Length == 0)
                {
                    return;
                }
            }

            Inner(carrier, name, value);
        }
    }
}
