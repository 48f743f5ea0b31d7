using Mesh.Client.Faults.Backends;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Samples.Processes;

namespace Mesh.Client.Faults.Deploy.Roles;

/// <summary>An instance that behaves in a certain way, until the process that started it ends it.</summary>
internal static class BackendRole
{
    public const string BehaviourArgument = "--behaviour";

    public static async Task RunAsync(string[] args)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = args });
        await using var backend = new Backend(
            Enum.Parse<BackendBehaviour>(builder.Configuration["behaviour"]!), new Uri(builder.Configuration["urls"]!).Port);
        await backend.StartAsync();
        builder.Services.AddHostedService<ParentWatch>();
        await builder.Build().RunAsync();
    }
}
