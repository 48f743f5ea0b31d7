using Storefront.Controls;

namespace Storefront.Roles;

/// <summary>The registry, where the instances of the other services announce themselves and find each other.</summary>
internal static class RegistryService
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddDemoControls();
        builder.Services.AddMeshRegistry();

        var app = builder.Build();
        app.MapMeshRegistry("/eureka");
        await app.RunAsync();
    }
}
