using Mesh.Client.Model;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Lifecycle;

/// <summary>Raises the host's shutdown timeout to what draining needs. It is one budget for everything: a drain that used it up would leave
/// none to requests in flight.</summary>
internal sealed class ShutdownTimeoutSetup(ModelInForce model) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Default = new HostOptions().ShutdownTimeout;

    /// <summary>What the application had set, if that was too short and not the host's default.</summary>
    public TimeSpan? Overruled { get; private set; }

    /// <summary>What the settings in force need.</summary>
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

    /// <summary>Whether the host would lose patience too early.</summary>
    public bool IsTooShort(HostOptions options) =>
        model.Current.IsEnabled && options.ShutdownTimeout != Timeout.InfiniteTimeSpan && options.ShutdownTimeout < Needed;

    /// <summary>The host reads the value when it stops, so that this helps after a reload, too.</summary>
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
