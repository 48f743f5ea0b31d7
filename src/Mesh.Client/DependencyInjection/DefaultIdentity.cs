using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.DependencyInjection;

/// <summary>Names the application after itself when nobody else has.</summary>
internal sealed class DefaultIdentity(IHostEnvironment? environment = null) : IPostConfigureOptions<MeshOptions>
{
    public void PostConfigure(string? name, MeshOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Service.Name))
        {
            options.Service.Name = ServiceName.From(environment?.ApplicationName ?? Assembly.GetEntryAssembly()?.GetName().Name);
        }
    }
}
