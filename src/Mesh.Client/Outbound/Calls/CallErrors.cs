using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Services;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The errors for callers when a call fails: which service, what was tried on which endpoints, what to change.</summary>
internal static class CallErrors
{
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
                + $"({call.Model.WhoSays(service.Name, call.Model.Transport.TlsName is null ? "RequireTls" : "TlsName")}), and "
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
                : owner.Overruling is { Count: > 0 } sources
                ? $"Service '{service.Name}' has no endpoint: '{string.Join("' and '", sources)}' says that it has none, and counts more than "
                    + "a source that names some. Take that back there."
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
            $"Service '{service}' has no endpoint: a source lists it, but names more than {RegistryLimits.Services} "
            + "services, and further ones are ignored. Have it name fewer (of Eureka a part can be fetched: Mesh:Discovery:Eureka:Vips or "
            + "Apps), or find the instance that keeps registering new names.");

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

    public static CallRejectedException LeavesBasePath(Call call, Endpoint endpoint) =>
        new(call.Service.Name,
            $"The call to service '{call.Service.Name}' was not sent: its path leads out ('..', in any spelling) of "
            + $"'{endpoint.Description.PathBase}', the base path of endpoint {call.NameOf(endpoint)}. "
            + "Send the path without dot segments.");

    private static string Reading(Service service) =>
        service.Refresh.Reading is { } reading ? reading.Describe(service.Clock.TimeProvider) + " " : string.Empty;

    private static string Counted(EndpointSet set) =>
        (set.All.Length == 1 ? "Its only endpoint: " : $"Its {set.All.Length} endpoints: ") + Names(set);

    private static string Names(EndpointSet set) => set.All.Length == 0 ? "none" : List(set.All.Select(e => e.Name));

    private static string List(IEnumerable<string> names)
    {
        var some = names.Take(11).ToList();
        return some.Count == 0 ? "none" : some.Count > 10 ? string.Join(", ", some.Take(10)) + ", …" : string.Join(", ", some);
    }
}
