using Mesh.Client.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Eureka;

internal static class TestConfiguration
{
    public static MeshConfiguration Of(Action<MeshOptions>? configure = null, params string[] serviceUrls) =>
        new(new OptionsFactory<MeshOptions>(
            [
                new ConfigureOptions<MeshOptions>(options =>
                {
                    foreach (var url in serviceUrls.Length > 0 ? serviceUrls : ["http://registry:8761/eureka/"])
                    {
                        options.Discovery.Eureka.ServiceUrls.Add(url);
                    }

                    configure?.Invoke(options);
                }),
            ],
            []));
}
