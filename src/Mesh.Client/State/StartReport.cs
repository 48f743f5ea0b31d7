using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.State;

/// <summary>Logs in one line at start what is on the mesh, so that the first look into the log shows whether discovery works.</summary>
internal sealed partial class StartReport(
    ServiceDirectory directory,
    ModelInForce model,
    IWrittenKeys keys,
    IEnumerable<IMeshSource> sources,
    IEnumerable<IServiceRegistrar> registrars,
    IEnumerable<IConfigureOptions<HttpClientMeshOptions>> clients,
    IEnumerable<IHttpMessageHandlerBuilderFilter> filters,
    GuardedLogger<LogCategories.StartReport> logger) : IHostedLifecycleService
{
    /// <summary>Longer lists are cut: people read this line.</summary>
    private const int MaxNames = 20;

    // Each name once: a reload must not repeat it.
    private readonly HashSet<string> _warned = new(StringComparer.OrdinalIgnoreCase);
    private bool _hasPhases;
    private bool _enabled;

    /// <summary>Without this filter no client gets the mesh's handler, and nothing else would say so.</summary>
    private readonly bool _hasFilter = filters.Any(static filter => filter is MeshHandlerFilter);
    private bool _saidNoFilter;

    // One line for the first answer, however often the mesh is switched off and on before.
    private bool _awaiting;

    // Written by the host, read where the answer comes.
    private volatile bool _stopping;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _hasPhases = true;
        return Task.CompletedTask;
    }

    /// <summary>All that a host without phases runs (the old WebHost): its log has the line as well.</summary>
    public Task StartAsync(CancellationToken cancellationToken) =>
        _hasPhases ? Task.CompletedTask : StartedAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _enabled = model.Current.IsEnabled;
        Report();
        Warn(model.Current);
        model.OnChange(view =>
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

    public Task StopAsync(CancellationToken cancellationToken) => StoppingAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Warns of a handler filter that is missing, and of names that callers cannot use as a host, because HTTP reads them as
    /// addresses.</summary>
    private void Warn(MeshModel view)
    {
        if (!view.IsEnabled)
        {
            return;
        }

        if (!_hasFilter && !_saidNoFilter)
        {
            _saidNoFilter = true;
            LogNoFilter();
        }

        var options = view.Options;
        if (options.Service.Name is { } own
            && registrars.Any(IsWanted)
            && HostName.AddressOf(own) is { } ownAddress)
        {
            Warn(keys.Written("Service:Name"), own, ownAddress);
        }

        foreach (var name in view.Services.Keys)
        {
            // A configured name is a service even if it is an address (10.0.0.5), as long as HTTP does not change it.
            if (HostName.AddressOf(name) is { } address && !address.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                Warn(keys.Written($"Services:{name}"), name, address);
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

        var view = model.Current;
        var fetches = sources.Any(static source => SourceIdentity.StatusOf(source).ReadsRegistry);

        // Not whether the directory is ready: with a snapshot, or once its sources have ended, it is ready as well. Read once, so that an
        // answer that arrives in between appears in one of the two lines.
        var answered = directory.Refresh.Answered.IsCompleted;
        LogStarted(view.Options.Service.Name!, Registry(answered), Services(view), Clients());
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
            IMeshSource[] registries = [.. sources.Where(static source => SourceIdentity.StatusOf(source).ReadsRegistry)];
            LogAnswered(Number(directory.Services.Count(service =>
                Array.Exists(registries, source => service.Endpoints.IsOf(source.Name)))));
        }
    }

    private string Registry(bool answered)
    {
        string[] registries = [.. sources.Select(source => Registry(source, SourceIdentity.StatusOf(source), answered)).OfType<string>()];
        var registry = registries.Length == 0 ? "none" : string.Join("; ", registries);
        var others = string.Join(", ", sources
            .Where(static source => SourceIdentity.StatusOf(source) is { Addresses.Count: 0, Idle: null })
            .Select(static source => $"'{source.Name}'"));
        return others.Length == 0 ? registry : $"{registry}; further sources: {others}";
    }

    private string? Registry(IMeshSource source, MeshSourceStatus status, bool answered)
    {
        var addresses = string.Join(", ", status.Addresses.Select(Bare));
        return addresses.Length == 0 ? null
            : status.Idle is { } idle ? $"{addresses}. {idle.TrimEnd('.')}"
            : answered ? $"{addresses} names {Number(Count(source))}"
            : $"{addresses} has given no usable answer yet{Remembered(source, status)}";
    }

    private string Remembered(IMeshSource source, MeshSourceStatus status) => !status.IsRemembered ? string.Empty
        : Count(source) is var count && count == 1 ? "; 1 service is from the snapshot"
        : $"; {Number(count)} are from the snapshot";

    /// <summary>Of this registry only: other sources name services, too.</summary>
    private int Count(IMeshSource source) => directory.Services.Count(service => service.Endpoints.IsOf(source.Name));

    private static string Number(int services) => services == 1 ? "1 service" : $"{services} services";

    private static string Services(MeshModel view) => List(view.Services
        .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
        .Select(static pair => pair.Value.Endpoints.Length switch
        {
            0 => pair.Key,
            1 => $"{pair.Key} (1 endpoint)",
            var count => $"{pair.Key} ({count} endpoints)",
        }));

    /// <summary>The factory makes clients of any name, so only clients off the mesh can be listed.</summary>
    private string Clients()
    {
        var without = clients.OfType<ConfigureNamedOptions<HttpClientMeshOptions>>().Select(static setup => setup.Name).Distinct().ToList();
        return !_hasFilter ? "none (its handler filter was removed)"
            : without.Contains(null) ? "none (WithoutMesh() is the default)"
            : without.Count == 0 ? "all of the HttpClientFactory"
            : "all of the HttpClientFactory but " + List(without.Select(static name => $"'{name}'"));
    }

    private static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count == 0 ? "none" : all.Count <= MaxNames ? string.Join(", ", all)
            : string.Join(", ", all.Take(MaxNames)) + $" and {all.Count - MaxNames} more";
    }

    /// <summary>One that throws registers nothing as far as is known here; the life cycle reports it.</summary>
    private static bool IsWanted(IServiceRegistrar registrar)
    {
        try
        {
            return registrar.IsWanted;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>Without user and password.</summary>
    private static string Bare(string address) =>
        Uri.TryCreate(address.Trim(), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
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
        "HTTP reads the service name '{Service}' ({Key}) as the address {Address}: http://{Service} does not reach the service. "
        + "Choose a name that is not an address.",
        EventName = "ServiceNameIsAddress")]
    private partial void LogNameIsAddress(string service, string key, string address);

    [LoggerMessage(
        117,
        LogLevel.Warning,
        "No HttpClient is on the mesh: its handler filter was removed from the services, for instance by "
        + "RemoveAll<IHttpMessageHandlerBuilderFilter>() after AddMesh(). Remove that call. To switch the logging of clients off, use "
        + "ConfigureHttpClientDefaults(client => client.RemoveAllLoggers()).",
        EventName = "HandlerFilterRemoved")]
    private partial void LogNoFilter();
}
