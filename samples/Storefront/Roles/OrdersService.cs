using Storefront.Controls;

namespace Storefront.Roles;

/// <summary>The service <c>orders</c>: it accepts orders. It does not look for duplicates, so that none is hidden.</summary>
internal static class OrdersService
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddSingleton<OrderLedger>();
        if (!builder.AddDemoControls().Stock)
        {
            builder.Services.AddMesh();
        }

        var app = builder.Build();
        app.UseDemoControls();
        app.MapPost("/orders", async (Order order, OrderLedger ledger) =>
        {
            await ledger.AppendAsync(order);
            return Results.Created($"/orders/{order.Id}", order);
        });
        await app.RunAsync();
    }
}
