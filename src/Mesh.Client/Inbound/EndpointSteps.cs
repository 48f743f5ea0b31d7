using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Mesh.Client.Inbound;

/// <summary>The second place of the server half: steps that run at the matched endpoint. Middleware that stands before the application
/// never sees an endpoint, so each endpoint that is chosen for a request is replaced by one that runs the steps first.</summary>
internal sealed class EndpointSteps
{
    private readonly IEndpointStep[] _steps;

    // Both made once, so that a request allocates nothing: endpoints are few and live long, and a server uses its feature object for all
    // requests of a connection or stream. Weak, because endpoints and connections go.
    private readonly ConditionalWeakTable<Endpoint, Endpoint> _endpoints = [];
    private readonly ConditionalWeakTable<IEndpointFeature, IEndpointFeature> _features = [];
    private readonly ConditionalWeakTable<Endpoint, Endpoint>.CreateValueCallback _wrap;
    private readonly ConditionalWeakTable<IEndpointFeature, IEndpointFeature>.CreateValueCallback _watch;

    private EndpointSteps(IEndpointStep[] steps)
    {
        _steps = steps;
        _wrap = Wrap;
        _watch = Watch;
    }

    /// <summary>Null without steps: then nothing is installed, and requests pay nothing.</summary>
    public static EndpointSteps? Of(IEnumerable<IEndpointStep> steps) => steps.ToArray() is { Length: > 0 } all ? new(all) : null;

    /// <summary>Makes the request run the steps at whatever endpoint is chosen for it from now on.</summary>
    public void Watch(IFeatureCollection features)
    {
        var inner = (IEndpointFeature?)features[typeof(IEndpointFeature)];
        if (inner is not WatchedEndpoint)
        {
            // A server without a feature of its own would get one when an endpoint is chosen: this one is in its place.
            features[typeof(IEndpointFeature)] = inner is null ? Watch(new PlainEndpoint()) : _features.GetValue(inner, _watch);
        }
    }

    /// <summary>The endpoint that runs the steps before the given one.</summary>
    public Endpoint? Around(Endpoint? endpoint) =>

        // An endpoint that runs nothing does not end the request: middleware behind it answers. It is what static files, too, go by.
        endpoint?.RequestDelegate is not { } application ? endpoint

        // Middleware that executes another endpoint for an error puts the first one back afterwards.
        : application.Target is EndpointRun ? endpoint
        : _endpoints.GetValue(endpoint, _wrap);

    private WatchedEndpoint Watch(IEndpointFeature inner) => new(this, inner);

    /// <summary>With everything that is read from an endpoint: authorization, CORS and limits go by its metadata, telemetry by its route
    /// pattern.</summary>
    private Endpoint Wrap(Endpoint endpoint)
    {
        RequestDelegate run = new EndpointRun(endpoint, _steps).InvokeAsync;
        return endpoint is RouteEndpoint route
            ? new RouteEndpoint(run, route.RoutePattern, route.Order, route.Metadata, route.DisplayName)
            : new Endpoint(run, endpoint.Metadata, endpoint.DisplayName);
    }

    private sealed class PlainEndpoint : IEndpointFeature
    {
        public Endpoint? Endpoint { get; set; }
    }
}
