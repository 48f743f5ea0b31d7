using Mesh.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves the registry from an application.</summary>
public static class MeshRegistryEndpointRouteBuilderExtensions
{
    // The page gives way to whatever the application itself serves at that path.
    private const int PageOrder = int.MaxValue;

    private static readonly string[] Get = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the Eureka protocol under a path, and the page that shows what is registered.</summary>
    /// <param name="endpoints">The endpoints of the application.</param>
    /// <param name="pattern">The path under which <c>/apps</c> lies; default <c>/eureka</c>.</param>
    /// <returns>A builder for conventions of all these endpoints, for example <c>RequireAuthorization()</c>.</returns>
    /// <remarks>The registry has no access control of its own: anybody who can reach it can add and remove instances.</remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><c>AddMeshRegistry()</c> was not called on the services.</exception>
    public static IEndpointConventionBuilder MapMeshRegistry(this IEndpointRouteBuilder endpoints, string pattern = "/eureka")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var provider = endpoints.ServiceProvider;
        var settings = provider.GetService<RegistrySettings>()
            ?? throw new InvalidOperationException("MapMeshRegistry() found no registry. Call builder.Services.AddMeshRegistry() before the application is built.");

        var all = endpoints.MapGroup("");
        MapProtocol(
            all.MapGroup(pattern),
            provider.GetRequiredService<RegistrationEndpoint>(),
            provider.GetRequiredService<InstanceEndpoints>(),
            provider.GetRequiredService<ListingEndpoints>());

        var page = provider.GetRequiredService<RegistryPage>();
        if (!string.IsNullOrEmpty(settings.PagePath) && page.TryClaim(pattern))
        {
            all.MapMethods(settings.PagePath, Get, page.WriteAsync)
                .WithDisplayName("Mesh registry: page")
                .Add(static endpoint => ((RouteEndpointBuilder)endpoint).Order = PageOrder);
        }

        return all;
    }

    private static void MapProtocol(RouteGroupBuilder group, RegistrationEndpoint registration, InstanceEndpoints instances, ListingEndpoints listings)
    {
        const string App = "/apps/{" + RegistryRequest.AppParameter + "}";
        const string Instance = App + "/{" + RegistryRequest.IdParameter + "}";
        const string Status = Instance + "/status";

        group.MapMethods("/apps", Get, listings.AllAsync);
        group.MapMethods("/apps/delta", Get, listings.ChangesAsync);
        group.MapMethods(App, Get, listings.ApplicationAsync);
        group.MapMethods(Instance, Get, listings.InstanceAsync);
        group.MapMethods("/instances/{" + RegistryRequest.IdParameter + "}", Get, listings.InstanceByIdAsync);
        group.MapMethods("/vips/{" + ListingEndpoints.AddressParameter + "}", Get, listings.VirtualAddressAsync);
        group.MapMethods("/svips/{" + ListingEndpoints.AddressParameter + "}", Get, listings.SecureVirtualAddressAsync);

        group.MapPost(App, registration.RegisterAsync);
        group.MapPut(Instance, instances.HeartbeatAsync);
        group.MapDelete(Instance, instances.CancelAsync);
        group.MapPut(Status, instances.SetStatusAsync);
        group.MapDelete(Status, instances.ClearStatusAsync);
    }
}
