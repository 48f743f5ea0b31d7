using Storefront.Controls;

namespace Storefront.Roles;

/// <summary>The service <c>storefront</c>: what the customer talks to. It calls <c>catalog</c> and <c>orders</c> by their names.</summary>
internal static class StorefrontService
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddHttpClient<CatalogClient>(client => client.BaseAddress = new Uri("http://catalog"));
        builder.Services.AddHttpClient<OrdersClient>(client => client.BaseAddress = new Uri("http://orders"));
        if (builder.AddDemoControls().Stock)
        {
            builder.Services.AddStockStack();
        }
        else
        {
            builder.Services.AddMesh();
        }

        var app = builder.Build();
        app.UseDemoControls();
        app.MapGet(
            "/products/{id:int}", (int id, CatalogClient catalog, CancellationToken cancellation) => catalog.GetAsync(id, cancellation));
        app.MapPost("/orders", async (Order order, OrdersClient orders, CancellationToken cancellation) =>
        {
            await orders.PlaceAsync(order, cancellation);
            return Results.Created($"/orders/{order.Id}", order);
        });
        await app.RunAsync();
    }
}
