using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Configuration;

/// <summary>Logs at start, and after a reload, which keys of Steeltoe ask for something that the mesh does not do: once for each.</summary>
internal sealed partial class SteeltoeReport : IHostedService
{
    private readonly MeshConfigurationSource _source;
    private readonly GuardedLogger<LogCategories.SteeltoeReport> _logger;

    // Written at start, then by reloads, which come one at a time.
    private readonly HashSet<string> _reported = new(StringComparer.OrdinalIgnoreCase);

    public SteeltoeReport(
        MeshConfigurationSource source, ModelInForce model, GuardedLogger<LogCategories.SteeltoeReport> logger)
    {
        _source = source;
        _logger = logger;
        Report(model.Current);
        model.OnChange(Report);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Report(MeshModel view)
    {
        if (!view.IsEnabled)
        {
            // While the mesh is off, none of its settings has an effect, so none is missing.
            return;
        }

        if (SteeltoeKeys.LacksRegistry(_source.Application, view.Options.Discovery.Eureka) && _reported.Add(SteeltoeKeys.ServiceUrl))
        {
            LogNoRegistry();
        }

        if (SteeltoeKeys.HasNameWithoutEffect(view.Options.Discovery.Eureka) && _reported.Add(SteeltoeKeys.AddressOfInstance))
        {
            LogIgnored(
                SteeltoeKeys.AddressOfInstance,
                "it is a name, and is registered only with PreferIPAddress. Use Eureka:Instance:HostName for it");
        }

        foreach (var key in SteeltoeKeyTable.All)
        {
            if (key.Effect == SteeltoeEffect.NoEffect && key.IsConcerned(_source.Application[key.Path]) && _reported.Add(key.Path))
            {
                LogIgnored(key.Path, key.Says);
            }
        }
    }

    [LoggerMessage(
        108,
        LogLevel.Warning,
        "Section 'Eureka' names no registry, so this application fetches nothing and does not register. Steeltoe's default, "
        + "http://localhost:8761/eureka/, is not assumed: set Eureka:Client:ServiceUrl to it, or Eureka:Client:Enabled to false.",
        EventName = "SteeltoeWithoutRegistry")]
    private partial void LogNoRegistry();

    // Never the value: it may be a secret.
    [LoggerMessage(104, LogLevel.Warning, "{Key} has no effect on the mesh: {Reason}.", EventName = "SteeltoeKeyIgnored")]
    private partial void LogIgnored(string key, string reason);
}
