using Mesh.Client.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Security.Tokens;

/// <summary>The services whose tokens may go without TLS: each is named in one warning per start, and they are counted in a gauge.</summary>
internal sealed partial class InsecureCredentials
{
    private const string Defaults = "*";

    private readonly HashSet<string> _reported = new(StringComparer.OrdinalIgnoreCase);
    private readonly MeshConfiguration _configuration;
    private readonly ILogger<InsecureCredentials> _logger;

    public InsecureCredentials(MeshConfiguration configuration, ILogger<InsecureCredentials> logger)
    {
        _configuration = configuration;
        _logger = logger;
        Report(configuration.Current);
        configuration.OnChange(Report);
    }

    public int Count => Services(_configuration.Current).Count();

    private static IEnumerable<string> Services(MeshView view) =>
        view.Services.Where(service => service.Value.Credentials.SendsInsecurely).Select(service => service.Key)
            .Concat(view.Defaults.Credentials.SendsInsecurely ? [Defaults] : []);

    // Called by the constructor, then by reloads, which come one at a time.
    private void Report(MeshView view)
    {
        foreach (var service in Services(view).Where(_reported.Add))
        {
            LogInsecure(_logger, service == Defaults ? "every service without settings of its own" : $"service '{service}'");
        }
    }

    [LoggerMessage(1700, LogLevel.Warning, "Tokens may be sent to {Service} without TLS (Credentials:AllowInsecureTransport): whoever sees the network can use them until they expire.", EventName = "InsecureCredentials")]
    private static partial void LogInsecure(ILogger logger, string service);
}
