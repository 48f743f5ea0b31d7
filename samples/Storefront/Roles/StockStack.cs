namespace Storefront.Roles;

/// <summary>What the mesh is compared with: resilience and service discovery of the platform, all
/// defaults, in the order of Aspire's template.</summary>
internal static class StockStack
{
    public static IServiceCollection AddStockStack(this IServiceCollection services) => services
        .AddServiceDiscovery()
        .ConfigureHttpClientDefaults(client =>
        {
            client.AddStandardResilienceHandler();
            client.AddServiceDiscovery();
        });
}
