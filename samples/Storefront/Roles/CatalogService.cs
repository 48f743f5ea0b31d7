using Storefront.Controls;

namespace Storefront.Roles;

/// <summary>The service <c>catalog</c>: it says what a product is.</summary>
internal static class CatalogService
{
    // Stands for the query to a database.
    private static readonly TimeSpan QueryTime = TimeSpan.FromMilliseconds(10);

    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (!builder.AddDemoControls().Stock)
        {
            builder.Services.AddMesh();
        }

        var app = builder.Build();
        app.UseDemoControls();
        app.MapGet("/products/{id:int}", async (int id, CancellationToken cancellation) =>
        {
            await Task.Delay(QueryTime, cancellation);
            return new Product(id, $"Product {id}", 9.90m + id);
        });
        await app.RunAsync();
    }
}
