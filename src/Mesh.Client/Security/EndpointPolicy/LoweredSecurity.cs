using Mesh.Client.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Security;

/// <summary>Says once per start, for each setting that lowers security, that it does and what follows.</summary>
internal sealed partial class LoweredSecurity
{
    /// <summary>Every setting that can lower security. A test holds the option classes against this list.</summary>
    internal static readonly (string Key, Func<MeshOptions, bool> IsLowered, string Consequence)[] Settings =
    [
        ("Security:Endpoints:AllowLoopback",
            static options => options.Security.Endpoints.AllowLoopback == true,
            "whoever can write to the registry can reach what listens on this machine only"),
    ];

    private readonly HashSet<string> _reported = [];
    private readonly string _root;
    private readonly ILogger<LoweredSecurity> _logger;

    public LoweredSecurity(MeshConfiguration configuration, MeshConfigurationSource source, ILogger<LoweredSecurity> logger)
    {
        _root = source.Mesh.Path;
        _logger = logger;
        Report(configuration.Current);
        configuration.OnChange(Report);
    }

    // Called by the constructor, then by reloads, which come one at a time.
    private void Report(MeshView view)
    {
        foreach (var (key, isLowered, consequence) in Settings)
        {
            if (isLowered(view.Options) && _reported.Add(key))
            {
                LogLowered(_logger, $"{_root}:{key}", consequence);
            }
        }
    }

    [LoggerMessage(1710, LogLevel.Warning, "{Key} lowers the security of this application: {Consequence}.", EventName = "SecurityLowered")]
    private static partial void LogLowered(ILogger logger, string key, string consequence);
}
