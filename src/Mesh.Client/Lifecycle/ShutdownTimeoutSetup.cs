using Mesh.Client.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Lifecycle;

/// <summary>Raises the host's shutdown timeout to what draining needs. It is one budget for everything: a drain that used it up would leave none to requests in flight.</summary>
internal sealed class ShutdownTimeoutSetup(MeshConfiguration configuration) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    public void PostConfigure(string? name, HostOptions options)
    {
        var lifecycle = configuration.Current.Options.Lifecycle;
        var needed = lifecycle.DrainDelay + lifecycle.DrainTimeout + Reserve;
        if (options.ShutdownTimeout != Timeout.InfiniteTimeSpan && options.ShutdownTimeout < needed)
        {
            options.ShutdownTimeout = needed;
        }
    }
}
