using Mesh.Registry;
using Mesh.Registry.Http;
using Mesh.Registry.Page;
using Mesh.Registry.Replication;
using Mesh.Registry.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves the registry from an application.</summary>
public static class MeshRegistryEndpointRouteBuilderExtensions
{
    // An endpoint of the application at the same path takes precedence over page and health.
    private const int LastOrder = int.MaxValue;
    private const string SecondLayout = "/v2";

    /// <summary>The names of the protocol directly below its path.</summary>
    private static readonly string[] OwnNames = ["apps", "instances", "vips", "svips", "status", "peerreplication", "asg"];

    private static readonly string[] Get = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the Eureka protocol under a path, and the page that shows what is registered.</summary>
    /// <param name="endpoints">The endpoints of the application.</param>
    /// <param name="pattern">The path of <c>/apps</c>; default <c>/eureka</c>. The same is also served under <c>/v2</c> below it.</param>
    /// <returns>A builder for conventions of all these endpoints, for example <c>RequireAuthorization()</c>.</returns>
    /// <remarks>Without <see cref="MeshRegistryOptions.Username"/> and without authorization, network access to the registry is enough to
    /// add and remove instances.</remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><c>AddMeshRegistry()</c> was not called on the services, or
    /// <see cref="MeshRegistryOptions.PagePath"/> or <see cref="MeshRegistryOptions.HealthPath"/> is a path of the protocol.</exception>
    public static IEndpointConventionBuilder MapMeshRegistry(this IEndpointRouteBuilder endpoints, string pattern = "/eureka")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var provider = endpoints.ServiceProvider;
        var settings = provider.GetService<RegistrySettings>()
            ?? throw new InvalidOperationException("MapMeshRegistry() found no registry. Call builder.Services.AddMeshRegistry() before "
                + "the application is built.");

        // Created here, so that its gauges exist from the start.
        _ = provider.GetRequiredService<RegistryMetrics>();

        var all = endpoints.MapGroup("");
        var page = provider.GetRequiredService<RegistryPage>();
        var isFirst = page.TryClaim(pattern);
        MapProtocol(all.MapGroup(pattern), provider, order: 0);

        // The second layout of real servers: clients have one or the other in their URL. If the application maps this path itself, its
        // endpoint takes precedence.
        if (isFirst && !pattern.TrimEnd('/').EndsWith(SecondLayout, StringComparison.Ordinal))
        {
            MapProtocol(all.MapGroup(pattern.TrimEnd('/') + SecondLayout), provider, order: 1);
        }

        if (isFirst)
        {
            var gate = provider.GetRequiredService<RegistryGate>();
            RefuseHidden(settings.PagePath, nameof(settings.PagePath), pattern);
            RefuseHidden(settings.HealthPath, nameof(settings.HealthPath), pattern);
            MapOnce(all, settings.PagePath, "page", gate.Protect(page.WriteAsync));
            MapOnce(all, settings.HealthPath, "health", provider.GetRequiredService<HealthEndpoint>().WriteAsync);
        }

        return all;
    }

    private static void MapOnce(RouteGroupBuilder group, string? path, string what, RequestDelegate endpoint)
    {
        if (!string.IsNullOrEmpty(path))
        {
            group.MapMethods(path, Get, endpoint)
                .WithDisplayName("Mesh registry: " + what)
                .Add(static endpoint => ((RouteEndpointBuilder)endpoint).Order = LastOrder);
        }
    }

    /// <summary>The protocol takes precedence: another endpoint at one of its paths would never be reached.</summary>
    private static void RefuseHidden(string? path, string setting, string pattern)
    {
        var root = pattern.Trim('/');
        foreach (var layout in new[] { root, root + SecondLayout })
        {
            var prefix = layout.Length == 0 ? "/" : $"/{layout.TrimStart('/')}/";
            if (path is not null && path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && OwnNames.Contains(path[prefix.Length..].Split('/')[0], StringComparer.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException(
                    $"{RegistrySettings.SectionName}:{setting} is '{path}', a path of the registry's protocol, which is served below "
                    + $"'/{root}'. Choose a path that is not below {prefix}{path[prefix.Length..].Split('/')[0]}.");
            }
        }
    }

    private static void MapProtocol(RouteGroupBuilder group, IServiceProvider provider, int order)
    {
        ((IEndpointConventionBuilder)group).Add(endpoint => ((RouteEndpointBuilder)endpoint).Order = order);
        const string App = "/apps/{" + RegistryRequest.AppParameter + "}";
        const string Instance = App + "/{" + RegistryRequest.IdParameter + "}";
        const string Status = Instance + "/status";

        var gate = provider.GetRequiredService<RegistryGate>();
        var registration = provider.GetRequiredService<RegistrationEndpoint>();
        var instances = provider.GetRequiredService<InstanceEndpoints>();
        var listings = provider.GetRequiredService<ListingEndpoints>();

        group.MapMethods("/apps", Get, gate.Protocol(listings.AllAsync));
        group.MapMethods("/apps/delta", Get, gate.Protocol(listings.ChangesAsync));
        group.MapMethods(App, Get, gate.Protocol(listings.ApplicationAsync));
        group.MapMethods(Instance, Get, gate.Protocol(listings.InstanceAsync));
        group.MapMethods("/instances/{" + RegistryRequest.IdParameter + "}", Get, gate.Protocol(listings.InstanceByIdAsync));
        group.MapMethods("/vips/{" + ListingEndpoints.AddressParameter + "}", Get, gate.Protocol(listings.VirtualAddressAsync));
        group.MapMethods("/svips/{" + ListingEndpoints.AddressParameter + "}", Get, gate.Protocol(listings.SecureVirtualAddressAsync));
        group.MapMethods("/status", Get, gate.Protocol(provider.GetRequiredService<StatusEndpoint>().WriteAsync));

        group.MapPost(App, gate.Protocol(registration.RegisterAsync));
        group.MapPut(Instance, gate.Protocol(instances.HeartbeatAsync));
        group.MapDelete(Instance, gate.Protocol(instances.CancelAsync));
        group.MapPut(Status, gate.Protocol(instances.SetStatusAsync));
        group.MapDelete(Status, gate.Protocol(instances.ClearStatusAsync));
        group.MapPut(Instance + "/metadata", gate.Protocol(instances.SetMetadataAsync));

        group.MapPost("/peerreplication/batch", gate.Protocol(provider.GetRequiredService<BatchEndpoint>().ReplicateAsync));

        // Scaling groups of one cloud, unknown to this registry: a real server outside of that cloud gives the same answer.
        group.MapPut(
            "/asg/{name}/status",
            gate.Protocol(static (context, _) => RegistryResponse.EmptyAsync(context, StatusCodes.Status400BadRequest)));
    }
}
