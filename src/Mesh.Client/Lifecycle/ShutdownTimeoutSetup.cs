using Mesh.Client.Model;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Lifecycle;

/// <summary>Raises the host's shutdown timeout to what draining needs. The host has one budget for everything: a drain that used it up
/// would leave none for requests in flight.</summary>
internal sealed class ShutdownTimeoutSetup(ModelInForce model) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Default = new HostOptions().ShutdownTimeout;

    /// <summary>The application's own value, if it was too short and not the host's default.</summary>
    public TimeSpan? Overruled { get; private set; }

    /// <summary>The time needed by the settings in force.</summary>
    public TimeSpan Needed =>
        model.Current.Options.Lifecycle is var lifecycle ? lifecycle.DrainDelay + lifecycle.DrainTimeout + Reserve : default;

    public void PostConfigure(string? name, HostOptions options)
    {
        var before = options.ShutdownTimeout;
        if (Raise(options) && before != Default)
        {
            Overruled = before;
        }
    }

    /// <summary>Whether the host would end the process too early.</summary>
    public bool IsTooShort(HostOptions options) =>
        model.Current.IsEnabled && options.ShutdownTimeout != Timeout.InfiniteTimeSpan && options.ShutdownTimeout < Needed;

    /// <summary>Raises the value. The host reads it when it stops, so that this also works after a reload.</summary>
    /// <returns>Whether it was too short.</returns>
    public bool Raise(HostOptions options)
    {
        if (!IsTooShort(options))
        {
            return false;
        }

        options.ShutdownTimeout = Needed;
        return true;
    }
}
