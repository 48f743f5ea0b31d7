using Mesh.Client.Options;

namespace Snippets;

internal static class ConfigurationSnippets
{
    public static void SettingsInCode(IServiceCollection services)
    {
        // snippet: settings-in-code
        services.AddMesh(options => options.Lifecycle.DrainDelay = TimeSpan.FromSeconds(10))
            .AddService("payments", payments => payments.Timeout = TimeSpan.FromSeconds(3));
        // end
    }

    public static void RoundRobin(IServiceCollection services)
    {
        // snippet: round-robin
        services.AddMesh().AddService("cache", cache =>
            cache.LoadBalancing.Policy = LoadBalancingPolicies.RoundRobin);
        // end
    }

    public static void OptOut(IServiceCollection services)
    {
        // snippet: opt-out
        services.AddHttpClient("external").WithoutMesh();
        // end
    }
}
