using System.Diagnostics;
using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OpenTelemetry;

namespace Mesh.Client.Inbound;

/// <summary>Reads the mesh's headers of a request and removes those that the sender must not set, so
/// that the application does not see them.</summary>
internal struct InboundContext
{
    private readonly MeshClock _clock;
    private readonly bool _trusted;
    private readonly bool _takesDeadline;
    private readonly MeshTime _now;
    private List<string>? _dropped;
    private List<KeyValuePair<string, string>>? _labels;
    private MeshCaller? _caller;
    private MeshTime _deadline = MeshTime.Never;
    private Criticality _criticality = Criticality.Critical;
    private int _attempt = 1;

    private InboundContext(MeshClock clock, bool trusted, bool takesDeadline, MeshTime now)
    {
        _clock = clock;
        _trusted = trusted;
        _takesDeadline = takesDeadline;
        _now = now;
    }

    /// <summary>The context of a request without headers of the mesh.</summary>
    private static CallContext Unmarked { get; } = new(clock: null);

    /// <param name="headers">The request's headers; untrusted ones are removed.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="trusted">Whether the sender is trusted.</param>
    /// <param name="takesDeadline">Whether <c>mesh-deadline</c> is accepted from it. Where no networks are trusted, it is accepted from
    /// every caller.</param>
    /// <param name="now">When it arrived.</param>
    /// <param name="refused">A removed header that a trusted sender may set; null if there is none.</param>
    public static CallContext Read(
        IHeaderDictionary headers, MeshClock clock, bool trusted, bool takesDeadline, MeshTime now, out string? refused)
    {
        var context = new InboundContext(clock, trusted, takesDeadline, now);
        var marked = false;
        foreach (var (name, values) in headers)
        {
            if (name.StartsWith(MeshHeaders.Prefix, StringComparison.OrdinalIgnoreCase))
            {
                marked = true;
                context.Take(name, values);
            }
            else if (name.Equals(GrpcRequest.TimeoutHeader, StringComparison.OrdinalIgnoreCase) && DeadlineAnswer.IsGrpc(headers))
            {
                marked |= context.TakeTimeout(values);
            }
        }

        refused = null;
        if (!marked)
        {
            return Unmarked;
        }

        context.RemoveDropped(headers);
        refused = trusted ? null : context.FirstRefused();
        return context.Build(headers);
    }

    /// <summary>Removes from an untrusted caller's baggage the keys that would be passed on.</summary>
    public static void StripBaggage(IHeaderDictionary headers, BaggageFilter filter)
    {
        if (filter.IsEmpty)
        {
            return;
        }

        Strip(headers, BaggageFilter.HeaderName, filter);
        Strip(headers, BaggageFilter.LegacyHeaderName, filter);

        // The server has read the header before any middleware could.
        if (Activity.Current is { } activity)
        {
            foreach (var (key, _) in activity.Baggage.ToArray())
            {
                if (filter.Allows(key))
                {
                    activity.SetBaggage(key, null);
                }
            }
        }

        // So has OpenTelemetry's instrumentation of the server, into a baggage of its own.
        foreach (var (key, _) in Baggage.Current.GetBaggage())
        {
            if (filter.Allows(key))
            {
                Baggage.RemoveBaggage(key);
            }
        }
    }

    private static void Strip(IHeaderDictionary headers, string name, BaggageFilter filter)
    {
        if (headers.TryGetValue(name, out var values))
        {
            var rest = filter.Remove(values.ToString());
            headers[name] = rest.Length == 0 ? StringValues.Empty : rest;
        }
    }

    /// <summary>The time that a gRPC caller allows for the call. Its own server reads the header, too: it stays, and a malformed one is
    /// ignored.</summary>
    private bool TakeTimeout(StringValues values) =>
        values.Count == 1
        && GrpcRequest.ParseTimeout(values[0]) is { } timeout
        && timeout > TimeSpan.Zero
        && Set(out _deadline, MeshTime.Min(_deadline, _now + timeout));

    private void Take(string name, StringValues values)
    {
        if (values.Count != 1 || values[0] is not { } value || !TryTake(name, value))
        {
            (_dropped ??= []).Add(name);
        }
    }

    /// <returns>False when it is malformed, or the sender may not set it.</returns>
    private bool TryTake(string name, string value)
    {
        if (name.Equals(MeshHeaders.Deadline, StringComparison.OrdinalIgnoreCase))
        {
            // It can only shorten the time; but a proxy that passes it on counts the consequences as failures of this server.
            return _takesDeadline
                && ContextSyntax.Milliseconds(value) is { } milliseconds
                && Set(out _deadline, MeshTime.Min(_deadline, _now + TimeSpan.FromMilliseconds(milliseconds)));
        }

        if (name.Equals(MeshHeaders.Caller, StringComparison.OrdinalIgnoreCase))
        {
            return ContextSyntax.Caller(value) is { } caller && Set(out _caller, caller);
        }

        if (name.Equals(MeshHeaders.Criticality, StringComparison.OrdinalIgnoreCase))
        {
            // An untrusted caller may lower its criticality, never raise it.
            return CriticalityNames.Parse(value) is { } criticality
                && (_trusted || criticality >= Criticality.Critical)
                && Set(out _criticality, criticality);
        }

        if (!_trusted)
        {
            return false;
        }

        if (name.Equals(MeshHeaders.Attempt, StringComparison.OrdinalIgnoreCase))
        {
            return ContextSyntax.Attempt(value) is { } attempt && Set(out _attempt, attempt);
        }

        return !name.StartsWith(MeshHeaders.LabelPrefix, StringComparison.OrdinalIgnoreCase) || TryTakeLabel(name, value);
    }

    private bool TryTakeLabel(string name, string value)
    {
        // Header names are case-insensitive; the keys of labels are not.
        var lower = name.ToLowerInvariant();
        if (!ContextSyntax.IsLabelKey(lower.AsSpan(MeshHeaders.LabelPrefix.Length))
            || !HeaderWriter.IsValue(value)
            || _labels?.Count == ContextLabels.MaxLabels)
        {
            return false;
        }

        (_labels ??= []).Add(new(lower, value));
        return true;
    }

    private static bool Set<T>(out T field, T value)
    {
        field = value;
        return true;
    }

    private readonly string? FirstRefused()
    {
        if (_dropped is not null)
        {
            foreach (var name in _dropped)
            {
                // A deadline that is accepted from every caller gets here only if it was malformed.
                if (DroppedHeaders.Name(name) is { } known && !(_takesDeadline && ReferenceEquals(known, MeshHeaders.Deadline)))
                {
                    return known;
                }
            }
        }

        return null;
    }

    // Removed afterwards: not while they are enumerated.
    private readonly void RemoveDropped(IHeaderDictionary headers)
    {
        if (_dropped is not null)
        {
            foreach (var name in _dropped)
            {
                headers.Remove(name);
            }
        }
    }

    private readonly CallContext Build(IHeaderDictionary headers)
    {
        // An untrusted sender may not set labels and attempt: there are none.
        var trusted = _trusted || _deadline.IsNever;
        if (!_deadline.IsNever && DeadlineAnswer.IsGrpc(headers))
        {
            return new GrpcContext(_clock, trusted)
            {
                Caller = _caller,
                Deadline = _deadline,
                Criticality = _criticality,
                Labels = Labels(),
                SaidAttempt = _attempt,
            };
        }

        return trusted
            ? new CallContext(_clock)
            {
                Caller = _caller,
                Deadline = _deadline,
                Criticality = _criticality,
                Labels = Labels(),
                SaidAttempt = _attempt,
            }
            : new UntrustedContext(_clock) { Caller = _caller, Deadline = _deadline, Criticality = _criticality };
    }

    private readonly ContextLabels Labels() => _labels is null ? ContextLabels.Empty : new ContextLabels([.. _labels]);
}
