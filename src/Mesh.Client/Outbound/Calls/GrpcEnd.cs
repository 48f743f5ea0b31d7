using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The end of a gRPC call, which comes with its trailers: long after the pooled <see cref="Call"/> was returned, so this only
/// holds copies of its values.</summary>
internal sealed class GrpcEnd
{
    private readonly HttpResponseMessage _response;
    private readonly Target _target;
    private readonly Endpoint _endpoint;
    private readonly MeshMetrics _metrics;
    private readonly string _reason;
    private readonly MeshTime _deadline;
    private readonly BreakerTrial? _trial;
    private CallTelemetry? _telemetry;
    private CallTelemetry.Measured _measured;
    private EndedCall _ended;

    public GrpcEnd(Attempt attempt, HttpResponseMessage response, MeshMetrics metrics)
    {
        var call = attempt.Call;
        _response = response;
        _target = call.Target;
        _endpoint = attempt.Endpoint;
        _metrics = metrics;
        _reason = attempt.Reason;
        _deadline = call.WholeDeadline;
        _trial = call.Trial;
    }

    /// <summary>Takes over what ends with the call. Must run before the caller has the answer, and so before anything can end it.</summary>
    public void TakeOver(CallTelemetry telemetry, in CallTelemetry.Measured measured, Call call)
    {
        _ended = CallTelemetry.Ended(call);
        _measured = measured;
        _telemetry = telemetry;
    }

    public CallOutcome Judge(int status, MeshTime now) => GrpcStatus.Outcome(status, _response, now >= _deadline - CallDeadline.Reserve);

    /// <param name="outcome">The outcome of attempt and call; canceled if the caller has left before the trailers.</param>
    /// <param name="status">The gRPC status; null for none.</param>
    /// <param name="hasBegun">Whether anything of the answer was read: a caller that leaves then has reached the service.</param>
    public void End(CallOutcome outcome, int? status, bool hasBegun)
    {
        if (_metrics.CountsAttempts)
        {
            _metrics.AttemptEnded(_target.Owner.Name, _endpoint.Name, outcome, _reason);
        }

        if (_telemetry is not { } telemetry)
        {
            // The caller gave up just as the answer arrived: the call has ended in another way.
            return;
        }

        if (_trial?.Decide(hasBegun && outcome == CallOutcome.Canceled ? CallOutcome.Ok : outcome) != true)
        {
            _target.Subset.Breaker.Record(outcome);
        }

        telemetry.End(_ended with { Outcome = outcome, GrpcStatus = status }, _measured);
    }

    /// <summary>The answer was neither read nor disposed of. Runs on the finalizer thread, so it must not block.</summary>
    public void Forget() =>
        ThreadPool.UnsafeQueueUserWorkItem(static end => end.End(CallOutcome.Canceled, null, hasBegun: false), this, preferLocal: false);
}
