using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Eureka;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.DependencyInjection;

/// <summary>Says in one line at start what is on the mesh, so that the first look into the log tells whether discovery works.</summary>
internal sealed partial class StartReport(
    ServiceDirectory directory,
    MeshConfiguration configuration,
    MeshConfigurationSource source,
    IEnumerable<IEndpointSource> sources,
    RegistrySnapshot snapshot,
    IEnumerable<IConfigureOptions<HttpClientMeshOptions>> clients,
    GuardedLogger<StartReport> logger) : IHostedLifecycleService
{
    /// <summary>Longer lists are cut: this is a line for people.</summary>
    private const int MaxNames = 20;

    // Each name once: a reload must not repeat it.
    private readonly HashSet<string> _warned = new(StringComparer.OrdinalIgnoreCase);
    private bool _enabled;

    // One line for the first answer, however often the mesh is switched off and on before it.
    private bool _awaiting;

    // Written by the host, read where the answer comes.
    private volatile bool _stopping;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _enabled = configuration.Current.IsEnabled;
        Report();
        Warn(configuration.Current);
        configuration.OnChange(view =>
        {
            Warn(view);
            if (view.IsEnabled != _enabled)
            {
                _enabled = view.IsEnabled;
                Report();
            }
        });
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        // From here on, an answer is no news.
        _stopping = true;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Names that callers cannot write as a host, because HTTP takes them for addresses.</summary>
    private void Warn(MeshView view)
    {
        if (!view.IsEnabled)
        {
            return;
        }

        var options = view.Options;
        if (options.Service.Name is { } own
            && options.Lifecycle.RegisterWhen != RegisterWhen.Never
            && EurekaSettings.From(options.Discovery).Register
            && HostName.AddressOf(own) is { } ownAddress)
        {
            Warn(source.Written("Service:Name"), own, ownAddress);
        }

        foreach (var name in view.Services.Keys)
        {
            // A configured name is a service even if it is an address (10.0.0.5), as long as HTTP leaves it as it is.
            if (HostName.AddressOf(name) is { } address && !address.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                Warn(source.Written($"Services:{name}"), name, address);
            }
        }
    }

    private void Warn(string key, string name, string address)
    {
        if (_warned.Add(key))
        {
            LogNameIsAddress(name, key, address);
        }
    }

    private void Report()
    {
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        if (!_enabled)
        {
            LogSwitchedOff();
            return;
        }

        var view = configuration.Current;
        var fetches = EurekaSettings.From(view.Options.Discovery).Fetch;

        // Not whether the directory is ready: it also is with a snapshot, or once its sources have ended. Asked once, so that what comes in
        // between is in one of the two lines.
        var answered = directory.Refresh.Answered.IsCompleted;
        LogStarted(view.Options.Service.Name!, Registry(view.Options.Discovery, fetches, answered), Services(view), Clients());
        if (fetches && !answered && !_awaiting)
        {
            _awaiting = true;
            _ = directory.Refresh.Answered.ContinueWith(
                _ => ReportAnswer(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    private void ReportAnswer()
    {
        if (!_stopping)
        {
            LogAnswered(Number(Count()));
        }
    }

    private string Registry(DiscoveryOptions options, bool fetches, bool answered)
    {
        var addresses = string.Join(", ", EurekaServers.All(options.Eureka).Select(Bare));
        var registry = addresses.Length == 0 ? "none"
            : !fetches ? $"{addresses}, from which nothing is fetched (Fetch is false)"
            : answered ? $"{addresses} names {Number(Count())}"
            : $"{addresses} has given no usable answer yet{Remembered()}";
        var others = string.Join(
            ", ", sources.Where(static source => source is not EurekaSource).Select(static source => $"'{source.Name}'"));
        return others.Length == 0 ? registry : $"{registry}; further sources: {others}";
    }

    private string Remembered() => !snapshot.IsUsed ? string.Empty
        : Count() is var count && count == 1 ? "; 1 service is from the snapshot"
        : $"; {Number(count)} are from the snapshot";

    /// <summary>Of the registry alone: further sources name services, too.</summary>
    private int Count() => directory.Services.Count(static service => service.IsOf(EurekaSource.SourceName));

    private static string Number(int services) => services == 1 ? "1 service" : $"{services} services";

    private static string Services(MeshView view) => List(view.Services
        .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
        .Select(static pair => pair.Value.Endpoints.Length switch
        {
            0 => pair.Key,
            1 => $"{pair.Key} (1 endpoint)",
            var count => $"{pair.Key} ({count} endpoints)",
        }));

    /// <summary>The factory makes clients of any name, so only those can be listed that are not on the mesh.</summary>
    private string Clients()
    {
        var without = clients.OfType<ConfigureNamedOptions<HttpClientMeshOptions>>().Select(static setup => setup.Name).Distinct().ToList();
        return without.Contains(null) ? "none (WithoutMesh() is the default)"
            : without.Count == 0 ? "all of the HttpClientFactory"
            : "all of the HttpClientFactory but " + List(without.Select(static name => $"'{name}'"));
    }

    private static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count == 0 ? "none" : all.Count <= MaxNames ? string.Join(", ", all)
            : string.Join(", ", all.Take(MaxNames)) + $" and {all.Count - MaxNames} more";
    }

    /// <summary>Without user and password.</summary>
    private static string Bare(string address) =>
        Uri.TryCreate(address.Trim(), UriKind.Absolute, out var uri)
            ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            : "?";

    [LoggerMessage(
        105,
        LogLevel.Information,
        "On the mesh as '{Service}'. Registry: {Registry}. Configured services: {Services}. Clients on the mesh: {Clients}.",
        EventName = "MeshStarted")]
    private partial void LogStarted(string service, string registry, string services, string clients);

    [LoggerMessage(
        106,
        LogLevel.Information,
        "The mesh is switched off (Mesh:Enabled is false): clients and server are as they would be without AddMesh(), and service names "
        + "go to DNS.",
        EventName = "MeshSwitchedOff")]
    private partial void LogSwitchedOff();

    [LoggerMessage(107, LogLevel.Information, "The registry has answered: it names {Services}.", EventName = "RegistryAnswered")]
    private partial void LogAnswered(string services);

    [LoggerMessage(
        115,
        LogLevel.Warning,
        "HTTP takes the service name '{Service}' ({Key}) for the address {Address}: http://{Service} does not reach the service. "
        + "Choose a name that is no address.",
        EventName = "ServiceNameIsAddress")]
    private partial void LogNameIsAddress(string service, string key, string address);
}
