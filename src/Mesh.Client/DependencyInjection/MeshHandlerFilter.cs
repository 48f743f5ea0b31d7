using System.Collections.Concurrent;
using Mesh.Client.Calls;
using Mesh.Client.Context;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.DependencyInjection;

/// <summary>Puts the mesh below everything else in each client of the factory.</summary>
/// <remarks>The first filter wraps all others, so that what it adds after them is the innermost handler, below the factory's logging: user handlers
/// and logging see one call, however many attempts the mesh makes.</remarks>
internal sealed partial class MeshHandlerFilter(IOptionsMonitor<HttpClientMeshOptions> clients, ILogger<MeshHandlerFilter> logger) : IHttpMessageHandlerBuilderFilter
{
    private const string StandardResilience = "Microsoft.Extensions.Http.Resilience.ResilienceHandler";
    private const string ServiceDiscovery = "Microsoft.Extensions.ServiceDiscovery.Http.";

    /// <summary>gRPC's own switch. Else its channel would resolve and connect to the service's name by itself before it sends.</summary>
    private const string GrpcLoadBalancingDisabled = "__GrpcLoadBalancingDisabled";

    /// <summary>What has been warned about, by client: the factory builds the handlers of a client again every two minutes.</summary>
    private readonly ConcurrentDictionary<(string Client, string Handler), bool> _warned = new();

    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        var client = builder.Name ?? "";
        var options = clients.Get(client);
        if (options.WithoutMesh)
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

        WarnAboutStacking(client, builder.AdditionalHandlers);
        var own = comparison.IsUsersOwn(builder.PrimaryHandler);
        if (builder.PrimaryHandler is SocketsHttpHandler sockets)
        {
            sockets.Properties[GrpcLoadBalancingDisabled] = true;

            // It serves only what is no service: third parties, whom the application's baggage does not concern. One that cannot be kept from
            // telling them stays as the user made it.
            own = own || !Shields(sockets);
        }

        // Not taken in the constructor: the pipeline's sources may have clients of this factory themselves.
        var pipeline = builder.Services.GetRequiredService<CallPipeline>();
        builder.AdditionalHandlers.Add(new MeshHandler(
            pipeline,
            own,
            HandlerReach.Of(builder.PrimaryHandler, options.TrustsPrimaryHandler)));
    };

    /// <summary>Keeps the baggage in.</summary>
    /// <returns>False when the handler is in use already, by a client outside of the mesh: then nothing of it can be changed.</returns>
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

    private void WarnAboutStacking(string client, IEnumerable<DelegatingHandler> handlers)
    {
        foreach (var handler in handlers)
        {
            // By name: neither package needs to be there.
            var type = handler.GetType().FullName ?? "";
            if (type == StandardResilience && _warned.TryAdd((client, StandardResilience), true))
            {
                LogResilienceStacked(logger, client);
            }
            else if (type.StartsWith(ServiceDiscovery, StringComparison.Ordinal) && _warned.TryAdd((client, ServiceDiscovery), true))
            {
                LogServiceDiscoveryStacked(logger, client);
            }
        }
    }
}
