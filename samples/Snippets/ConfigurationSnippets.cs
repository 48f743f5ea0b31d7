using Mesh.Client.Options;

namespace Snippets;

internal static class ConfigurationSnippets
{
    public static void SettingsInCode(IServiceCollection services)
    {
        // snippet: settings-in-code
        services.AddMesh(mesh => mesh
            .AddService("payments", service => service.Timeout = TimeSpan.FromSeconds(3))
            .Configure(options => options.Lifecycle.DrainDelay = TimeSpan.FromSeconds(10)));
        // end
    }

    public static void RoundRobin(IServiceCollection services)
    {
        // snippet: round-robin
        services.AddMesh(mesh => mesh.AddService("cache", cache =>
            cache.LoadBalancing.Policy = LoadBalancingPolicies.RoundRobin));
        // end
    }

    public static void OptOut(IServiceCollection services)
    {
        // snippet: opt-out
        services.AddHttpClient("external").WithoutMesh();
        // end
    }
}
