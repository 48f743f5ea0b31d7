using System.Security.Claims;
using Identity.Controls;
using Identity.Leaks;

namespace Identity.Roles;

/// <summary>The service <c>storefront</c>: what the user's program talks to. It calls <c>orders</c>, by an ordinary client.</summary>
internal static class StorefrontService
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddDemoControls();
        builder.AddUserTokens(Role.Storefront);
        builder.Services.AddMesh();
        builder.Services.AddHttpClient<OrdersClient>(client => client.BaseAddress = new Uri("http://orders"));
        builder.AddLeaks();

        var app = builder.Build();
        app.UseDemoControls();
        app.MapGet("/who", async (ClaimsPrincipal user, OrdersClient orders, CancellationToken cancellation) =>
        {
            var here = await Sighting.TakeAsync(Role.Storefront, user, cancellation);
            return new[] { here }.Concat(await orders.WhoAsync(cancellation));
        }).RequireAuthorization();
        app.MapLeaks();
        await app.RunAsync();
    }
}
