using System.Reflection;
using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Configuration;

/// <summary>Sets the default service name: the name of the application.</summary>
internal sealed class DefaultIdentity(
    MeshConfigurationSource source, IHostEnvironment? environment = null) : IPostConfigureOptions<MeshOptions>
{
    public void PostConfigure(string? name, MeshOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Service.Name))
        {
            // Steeltoe keeps the dots, and the callers of a migrated application know it by a name with dots.
            options.Service.Name = ServiceName.From(
                environment?.ApplicationName ?? Assembly.GetEntryAssembly()?.GetName().Name,
                keepDots: SteeltoeKeys.IsUsed(source.Application));
        }
    }
}
