using System.Security.Claims;
using Identity.Controls;

namespace Identity.Roles;

/// <summary>The service <c>orders</c>: it calls <c>payments</c>.</summary>
internal static class OrdersService
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddDemoControls();
        builder.AddUserTokens(Role.Orders);
        builder.Services.AddMesh();
        builder.Services.AddHttpClient<PaymentsClient>(client => client.BaseAddress = new Uri("http://payments"));

        var app = builder.Build();
        app.UseDemoControls();
        app.MapGet("/who", async (ClaimsPrincipal user, PaymentsClient payments, CancellationToken cancellation) =>
        {
            var here = await Sighting.TakeAsync(Role.Orders, user, cancellation);
            return new[] { here }.Concat(await payments.WhoAsync(cancellation));
        }).RequireAuthorization();
        await app.RunAsync();
    }
}
