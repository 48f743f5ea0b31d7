using Mesh.Client.Model;
using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Eureka;

internal static class TestConfiguration
{
    public static ModelInForce Of(Action<MeshOptions>? configure = null, params string[] serviceUrls)
    {
        var services = new ServiceCollection();
        services.AddMesh(options =>
        {
            foreach (var url in serviceUrls.Length > 0 ? serviceUrls : ["http://registry:8761/eureka/"])
            {
                options.Discovery.Eureka.ServiceUrls.Add(url);
            }

            configure?.Invoke(options);
        });
        return services.BuildServiceProvider().GetRequiredService<ModelInForce>();
    }
}
