using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.DependencyInjection;

internal sealed record MeshBuilder(IServiceCollection Services) : IMeshBuilder
{
    public IMeshBuilder AddService(string name, Action<ServiceOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        return Configure(options =>
        {
            if (!options.Services.TryGetValue(name, out var service))
            {
                options.Services[name] = service = new ServiceOptions();
            }

            configure(service);
        });
    }

    public IMeshBuilder Configure(Action<MeshOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }
}
