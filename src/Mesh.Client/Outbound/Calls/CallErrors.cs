using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The errors for callers when a call fails: which service, what was tried on which endpoints, what to change.</summary>
internal static class CallErrors
{
    /// <param name="call">The call.</param>
    /// <param name="cancellation">The attempt's cancellation.</param>
    /// <param name="sent">Whether the request was handed to the transport.</param>
    /// <param name="exception">The exception that ended the attempt.</param>
    /// <param name="left">Whether the user's own handler has followed a redirect away from the endpoint.</param>
    /// <param name="kept">Whether it has followed none.</param>
    public static AttemptResult FromException(
        Call call, AttemptCancellation cancellation, bool sent, Exception exception, bool left, bool kept)
    {
        if (call.CallerToken.IsCancellationRequested)
        {
            return new AttemptResult(Canceled(call, exception), CallOutcome.Canceled);
        }

        var upload = cancellation.Upload;
        if (!sent || upload is { HasFailed: true })
        {
            return new AttemptResult(exception, CallOutcome.LocalError);
        }

        if (left)
        {
            // The endpoint processed the request and answered. The redirect's target says nothing about it.
            var late = cancellation.IsCancelled && exception is not BrokenBodyException ? TimedOut(call, exception) : default;
            return late.Outcome == CallOutcome.Deadline ? late : new AttemptResult(late.Exception ?? exception, CallOutcome.LocalError);
        }

        // The attempt may have been cancelled to end the body.
        if (exception is BrokenBodyException)
        {
            return new AttemptResult(exception, CallOutcome.UpstreamReset);
        }

        if (cancellation.IsCancelled)
        {
            var waiting = upload is { WasWaitingForContent: true } && !RequestBody.IsGrpc(upload.Content);
            var timeout = TimedOut(call, exception, cancellation.IsOverdue);
            return waiting && timeout.Outcome == CallOutcome.Timeout ? BodyStalled(call, exception) : timeout;
        }

        if (upload is { WasRefused: true })
        {
            return new AttemptResult(exception, CallOutcome.UpstreamReset);
        }

        // Only over HTTP/1.1 does a request fail because a content closed its stream; over HTTP/2 a later failure is the endpoint's.
        if (upload is { WasClosed: true } && exception.InnerException is ObjectDisposedException)
        {
            return new AttemptResult(exception, CallOutcome.LocalError);
        }

        var own = call.Primary.IsOwn;
        if (own && OutcomeClassifier.NamesAnother(exception, call.Request.RequestUri))
        {
            // The user's handler did not reach its proxy, or a server that it calls itself: that says nothing about the endpoint.
            return new AttemptResult(exception, CallOutcome.LocalError);
        }

        // What the runtime's own handler says about a request is true of it. Around it, or after a redirect, there was perhaps another
        // request before.
        var isOfRequest = !own || (call.Primary.Reach.IsBare && kept);
        var resendable = isOfRequest && call.BodyReplayable;
        var body = upload is { HasBegun: true } || (upload is null && own && !kept) ? BodyState.Begun
            : upload is null ? BodyState.Unwatched
            : BodyState.NotBegun;
        var outcome = OutcomeClassifier.Classify(exception, own, body, reconnects: resendable);
        var isRefusal = Refusal.Is(exception);
        return outcome switch
        {
            CallOutcome.ConnectFailure when exception is OperationCanceledException || ConnectTimeoutException.IsIn(exception) =>
                new AttemptResult(NotConnected(call, exception), outcome),
            CallOutcome.UpstreamReset => new AttemptResult(
                exception,
                outcome,
                mayBeSentAgain: (resendable || body == BodyState.NotBegun) && OutcomeClassifier.IsUnprocessed(exception))
            {
                IsCutOff = upload?.WasCutOff(exception) == true,
                IsRefusal = isRefusal,
            },
            CallOutcome.LocalError => new AttemptResult(
                exception,
                outcome,
                mayBeSentAgain: (resendable || body != BodyState.Begun)
                    && (Refusal.IsUnsent(exception) || OutcomeClassifier.IsOutOfSockets(exception)))
            {
                IsRefusal = isRefusal,
            },
            _ => new AttemptResult(exception, outcome) { IsRefusal = isRefusal },
        };
    }

    /// <param name="call">The call.</param>
    /// <param name="exception">The exception that ended it; null if it was not sent any more.</param>
    /// <param name="stalled">Whether this process noticed the end of the time much too late.</param>
    public static AttemptResult TimedOut(Call call, Exception? exception, bool stalled = false)
    {
        var now = call.Service.Clock.Now;
        if (call.DeadlineInherited && (call.AttemptHasRest || now >= call.Deadline))
        {
            return DeadlineSpent(call, exception, now);
        }

        // A timer may fire a little before its time is over by this clock.
        var (setting, limit) = now < call.Deadline && !call.AttemptHasRest
            ? ("AttemptTimeout", "the time of an attempt, and no further one was allowed")
            : ("Timeout", "Timeout " + Seconds(call.Policy.Timeout) + (IsExtended(call) ? " since the last progress of its body"
                : string.Empty));
        var waiting = exception is not null && call.LastTried is { } last ? $" It was waiting for {call.NameOf(last)}." : string.Empty;
        var advice = stalled
            ? "This process did not run when the time was over (it was paused, or its threads were all blocked): the answer may have been "
                + "there."
            : call.Cuts is not null
                ? $"If such a request takes long on every endpoint, set Mesh:Services:{call.Service.Name}:AttemptTimeout above its time, and "
                    + "Timeout above that."
            : $"If the service may take longer, raise Mesh:Services:{call.Service.Name}:{setting}.";
        var message =
            $"The call to service '{call.Service.Name}' had no answer after {(now - call.Start).TotalSeconds:0.###} s "
            + $"({limit}).{Tried(call)}{waiting} {advice}";
        return new AttemptResult(new TaskCanceledException(message, new TimeoutException(message, exception)), CallOutcome.Timeout)
        {
            IsOwnStall = stalled,
        };
    }

    /// <summary>The endpoint got the time of the call as its deadline, and answers that it is over.</summary>
    public static AttemptResult AnsweredTooLate(Call call, HttpResponseMessage response) =>
        TimedOut(
            call,
            new HttpRequestException(
                $"Endpoint {call.NameOf(call.LastTried!)} answered {(int)response.StatusCode} because the time of the call was over.",
                inner: null,
                response.StatusCode));

    /// <summary>The transport has accepted all of the body so far: neither endpoint nor network is to blame.</summary>
    private static AttemptResult BodyStalled(Call call, Exception exception)
    {
        var message =
            $"The call to service '{call.Service.Name}' was given up after "
            + $"{(call.Service.Clock.Now - call.Start).TotalSeconds:0.###} s: "
            + $"its own request body had paused for too long (Timeout {Seconds(call.Policy.Timeout)}, counted from its last progress). If "
            + $"the body may pause for longer, raise Mesh:Services:{call.Service.Name}:Timeout.";
        return new AttemptResult(new TaskCanceledException(message, new TimeoutException(message, exception)), CallOutcome.LocalError);
    }

    /// <summary>The runtime's exception has the right type, but names neither the endpoint nor the setting.</summary>
    private static TaskCanceledException NotConnected(Call call, Exception exception)
    {
        var message =
            $"Endpoint {call.NameOf(call.LastTried!)} of service '{call.Service.Name}' cannot be reached: there was no connection within "
            + $"{Seconds(call.Model.Transport.ConnectTimeout)} (ConnectTimeout).{Tried(call)} "
            + $"If connecting may take longer, raise Mesh:Services:{call.Service.Name}:ConnectTimeout.";
        return new TaskCanceledException(message, new TimeoutException(message, exception));
    }

    private static AttemptResult DeadlineSpent(Call call, Exception? exception, MeshTime now)
    {
        call.NoteDeadlineSpent();
        var sent = call.Attempts == 0 ? "was not sent" : $"had no answer after {(now - call.Start).TotalSeconds:0.###} s";
        var message = call.DeadlineIsItsOwn
            ? $"The call to service '{call.Service.Name}' {sent}: its own deadline (grpc-timeout) has passed.{Tried(call)}"
            : $"The call to service '{call.Service.Name}' {sent}: the deadline of the request that it belongs to has passed.{Tried(call)} "
                + "The caller of this application has set it; raise it there.";
        return new AttemptResult(new TaskCanceledException(message, new TimeoutException(message, exception)), CallOutcome.Deadline);
    }

    public static AttemptResult NoEndpoint(Call call)
    {
        var service = call.Service;
        var (owner, set) = (service.Endpoints, service.Endpoints.Current);
        string message;
        if (call.Last.Exception is { } last)
        {
            // A retry found no endpoint left: the earlier result is more useful.
            return new AttemptResult(last, call.Last.Outcome);
        }

        if (set.All.Length == 0 && owner.WithoutTlsCount > 0)
        {
            message = $"Service '{service.Name}' has no endpoint that may be used: TLS is required "
                + $"(Mesh:Services:{service.Name}:{(call.Model.Transport.TlsName is null ? "RequireTls" : "TlsName")}), and "
                + $"{owner.WithoutTlsCount} of its endpoints {(owner.WithoutTlsCount == 1 ? "does" : "do")} not speak it. "
                + "Give the instances a TLS port and publish it; the mesh never lowers a scheme.";
        }
        else if (set.All.Length == 0 && owner.RefusedCount > 0)
        {
            message = $"Service '{service.Name}' has no endpoint that may be used: the endpoint policy refuses "
                + (owner.RefusedCount == 1 ? "the only one that is named. " : $"all {owner.RefusedCount} that are named. ")
                + "The log says why for each (event EndpointRefused); what may be named is configured under Mesh:Security:Endpoints.";
        }
        else if (set.All.Length == 0)
        {
            message = owner is { IsResolved: true, IsPublished: false }
                ? $"Service '{service.Name}' has no endpoint: no source names one, and Mesh:Services:{service.Name}:Endpoints lists none "
                    + $"(any more). {Reading(service)}Check the configuration."
                : owner.IsResolved
                ? $"Service '{service.Name}' has no endpoint: {service.Standing.Absence ?? "it is known, but no instance is up"}. "
                    + $"{Reading(service)}Check that it runs and is registered as UP."
                : $"Service '{service.Name}' has no endpoint: neither the configuration nor a source has named one so far. "
                    + $"{Reading(service)}"
                    + (service.Refresh.Reading is null
                        ? $"List Mesh:Services:{service.Name}:Endpoints, or check the registry address under Mesh:Discovery."
                        : $"Check that an instance is registered under this name, or list Mesh:Services:{service.Name}:Endpoints.");
        }
        else
        {
            message = $"Service '{service.Name}' was called with https, but "
                + (set.All.Length == 1 ? "its only endpoint does not speak TLS" : $"none of its {set.All.Length} endpoints speaks TLS")
                + $" ({Names(set)}). "
                + $"Call http://{service.Name} or mesh://{service.Name}, or give the endpoints an https address: the mesh never lowers a "
                + "scheme.";
        }

        return new AttemptResult(new NoEndpointException(service.Name, message), CallOutcome.NoEndpoint);
    }

    public static NoEndpointException UnknownService(string service, ServiceDirectory directory) =>
        new(service, $"There is no service '{service}': neither Mesh:Services nor a source names it. Known: {List(directory.Names)}. "
            + $"{directory.Sources}");

    public static NoEndpointException RefusedService(string service) =>
        new(service,
            $"Service '{service}' has no endpoint: the registry lists it, but names more than {RegistryLimits.Services} "
            + "services, and further ones are ignored. "
            + "Fetch a part of the registry (Mesh:Discovery:Eureka:Vips or Apps), or find the instance that keeps registering new names.");

    public static NoEndpointException NotReady(string service, TimeSpan waited, ServiceDirectory directory)
    {
        var missing = directory.Unanswered;
        var names = string.Join(" and ", missing.Select(static name => $"'{name}'"));
        var what = missing.Count switch
        {
            // The last one has answered since.
            0 => "not all sources had answered",
            1 => $"source {names} has not answered",
            _ => $"sources {names} have not answered",
        };

        // What is known of a registry explains nothing about other sources.
        var registry = missing.Any(directory.IsRegistry) ? $"{directory.Sources} Check Mesh:Discovery" : string.Empty;
        var check = registry.Length == 0 ? $"Check {(missing.Count == 1 ? "this source" : "these sources")}"
            : missing.Count == 1 ? registry
            : registry + " and the other sources";
        return new NoEndpointException(
            service,
            $"Cannot tell yet whether '{service}' is a service: {what} (waited {waited.TotalSeconds:0.###} s). {check}, "
            + $"list Mesh:Services:{service}:Endpoints, or take the client off the mesh with WithoutMesh().");
    }

    public static HttpRequestException NotResolved(string host, HttpRequestException exception, ServiceDirectory directory) =>
        new(exception.HttpRequestError,
            $"{exception.Message}. '{host}' is not a service of the mesh, so DNS was asked. Known services: {List(directory.Names)}. "
            + $"{directory.Sources}",
            exception,
            exception.StatusCode);

    public static HttpRequestException NotConfigured(string host, HttpRequestException exception) =>
        new(exception.HttpRequestError,
            $"{exception.Message}. The registry has a service '{host}', but a host with a dot is a service only where the configuration "
            + "says so: "
            + $"list Mesh:Services:{host} (an empty section will do), or call mesh://{host}.",
            exception,
            exception.StatusCode);

    public static CallRejectedException CircuitOpen(Service service, TimeSpan? retryAfter) =>
        new(service.Name,
            $"The circuit breaker of service '{service.Name}' is open, so the call was not sent: too many calls to it failed. "
            + (retryAfter is { } wait && wait > TimeSpan.Zero
                ? $"The next trial is due in {wait.TotalSeconds:0.#} s."
                : "A trial is under way.")
            + $" {Counted(service.Endpoints.Current)}.");

    /// <summary>The error that <see cref="HttpClient"/> gives for a user's handler that returns null.</summary>
    public static InvalidOperationException NoResponse() => new("Handler did not return a response message.");

    public static CallRejectedException LeavesBasePath(Call call, Endpoint endpoint) =>
        new(call.Service.Name,
            $"The call to service '{call.Service.Name}' was not sent: its path leads out ('..', in any spelling) of "
            + $"'{endpoint.Description.PathBase}', the base path of endpoint {call.NameOf(endpoint)}. "
            + "Send the path without dot segments.");

    // As HttpClient would throw it: with its token and its cause.
    private static Exception Canceled(Call call, Exception exception) =>
        exception is OperationCanceledException canceled && canceled.CancellationToken == call.CallerToken
            ? exception
            : new TaskCanceledException(
                exception.Message, exception is OperationCanceledException ? exception.InnerException : exception, call.CallerToken);

    private static bool IsExtended(Call call) =>
        !call.DeadlineInherited && !call.Deadline.IsNever && call.Deadline - call.Start > call.Policy.Timeout;

    private static string Reading(Service service) =>
        service.Refresh.Reading is { } reading ? reading.Describe(service.Clock.TimeProvider) + " " : string.Empty;

    private static string Tried(Call call) =>
        call.Failures is { } failures ? " Tried before: " + string.Join("; ", failures) + "." : string.Empty;

    private static string Counted(EndpointSet set) =>
        (set.All.Length == 1 ? "Its only endpoint: " : $"Its {set.All.Length} endpoints: ") + Names(set);

    private static string Names(EndpointSet set) => set.All.Length == 0 ? "none" : List(set.All.Select(e => e.Name));

    private static string List(IEnumerable<string> names)
    {
        var some = names.Take(11).ToList();
        return some.Count == 0 ? "none" : some.Count > 10 ? string.Join(", ", some.Take(10)) + ", …" : string.Join(", ", some);
    }

    private static string Seconds(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? "none" : $"{span.TotalSeconds:0.###} s";
}
