using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Outbound.HttpClients;

/// <summary>Puts the mesh below everything else in each client of the factory.</summary>
/// <remarks>The first filter wraps all others, so that the handler it adds after them is the innermost one, below the factory's logging:
/// user handlers and logging see one call, however many attempts the mesh makes.</remarks>
internal sealed class MeshHandlerFilter(
    IOptionsMonitor<HttpClientMeshOptions> clients, StackedHandlerReport stacked, PrimaryHandlerReport primaries)
    : IHttpMessageHandlerBuilderFilter
{
    /// <summary>gRPC's own switch. Without it, gRPC's channel would resolve the service's name and connect to it before it sends.</summary>
    private const string GrpcLoadBalancingDisabled = "__GrpcLoadBalancingDisabled";

    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        var client = builder.Name ?? "";
        var options = clients.Get(client);
        if (options.WithoutMesh || ExporterClients.Has(client) || !builder.Services.GetRequiredService<ModelInForce>().Current.IsEnabled)
        {
            next(builder);
            return;
        }

        var comparison = new PrimaryHandlerComparison(builder.PrimaryHandler);
        next(builder);
        if (builder.AdditionalHandlers.OfType<MeshHandler>().Any())
        {
            return;
        }

        LookForStacked(client, builder);
        var own = PrimaryHandlerComparison.IsUsersOwn(builder.PrimaryHandler);
        if (builder.PrimaryHandler is SocketsHttpHandler sockets)
        {
            sockets.Properties[GrpcLoadBalancingDisabled] = true;

            // Used only for hosts that are not services: third parties, which must not get the application's baggage. A handler that cannot
            // be kept from sending it stays as the user made it.
            own = own || !Shields(sockets);
        }

        var cookies = comparison.GivenCookies(builder.PrimaryHandler);
        if (own)
        {
            primaries.Report(client, builder.PrimaryHandler, cookies is not null);
        }

        // Not in the constructor: the sources behind the pipeline may have clients of this factory themselves.
        var pipeline = builder.Services.GetRequiredService<CallPipeline>();
        builder.AdditionalHandlers.Add(new MeshHandler(
            pipeline,
            own,
            HandlerReach.Of(builder.PrimaryHandler, options.TrustsPrimaryHandler),
            own ? null : cookies,
            client));
    };

    /// <summary>Keeps the handler from sending the application's baggage.</summary>
    /// <returns>False when a client outside of the mesh already uses the handler: then it cannot be changed.</returns>
    private static bool Shields(SocketsHttpHandler handler)
    {
        if (handler.ActivityHeadersPropagator is AttemptPropagator)
        {
            // Another client shares it.
            return true;
        }

        try
        {
            handler.ActivityHeadersPropagator = new AttemptPropagator(static () => BaggageFilter.Nothing);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private void LookForStacked(string client, HttpMessageHandlerBuilder builder)
    {
        var bypass = builder.Services.GetRequiredService<ModelInForce>().Current.Options.StackedHandlers == StackedHandlers.Bypass;
        for (var i = 0; i < builder.AdditionalHandlers.Count; i++)
        {
            var handler = builder.AdditionalHandlers[i];
            if (StackedHandler.KindOf(handler) is { } kind)
            {
                stacked.Report(client, kind, bypass, handler, builder);
                if (bypass)
                {
                    builder.AdditionalHandlers[i] = new Detour(handler, builder.Services.GetRequiredService<ServiceDirectory>());
                }
            }
        }

        // A primary handler carries the requests itself, below the mesh, and cannot be bypassed.
        if (StackedHandler.KindOf(builder.PrimaryHandler) is { } primary)
        {
            stacked.Report(client, primary, bypassed: false, builder.PrimaryHandler, builder);
        }
    }
}
