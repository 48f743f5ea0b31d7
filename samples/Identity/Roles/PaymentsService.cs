using System.Security.Claims;
using Identity.Controls;

namespace Identity.Roles;

/// <summary>The service <c>payments</c>, the last of the chain.</summary>
internal static class PaymentsService
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddDemoControls();
        builder.AddUserTokens(Role.Payments);
        builder.Services.AddMesh();

        var app = builder.Build();
        app.UseDemoControls();
        app.MapGet("/who", async (ClaimsPrincipal user, CancellationToken cancellation) =>
            new[] { await Sighting.TakeAsync(Role.Payments, user, cancellation) }).RequireAuthorization();
        await app.RunAsync();
    }
}
