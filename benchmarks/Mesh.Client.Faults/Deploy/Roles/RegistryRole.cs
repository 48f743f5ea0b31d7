using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Samples.Processes;

namespace Mesh.Client.Faults.Deploy.Roles;

/// <summary>The registry.</summary>
internal static class RegistryRole
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddHostedService<ParentWatch>();
        builder.Services.AddMeshRegistry();
        var app = builder.Build();
        app.MapMeshRegistry("/eureka");
        await app.RunAsync();
    }
}
