using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Services;

/// <summary>All services known to this process, from any source. A name that was called once stays a service: it never falls back to
/// DNS.</summary>
internal sealed class ServiceDirectory : IDisposable
{
    /// <summary>How long a call waits for a registry that is asked on its behalf: half a second of spread, and the time of a good
    /// answer.</summary>
    public static readonly TimeSpan MaxAsking = TimeSpan.FromSeconds(2);

    private readonly ServiceTable _services;
    private readonly MeshStore _store;
    private readonly ModelInForce _model;
    private readonly ServiceDependencies _dependencies;
    private readonly NameWatch _names;
    private readonly RunningSources _sources;
    private EndpointPolicy? _endpointPolicy;
    private volatile bool _switchedOff;

    public ServiceDirectory(
        MeshStore store,
        IEnumerable<IMeshSource> sources,
        ServiceDependencies dependencies,
        NameWatch names,
        SourceJudge judge,
        GuardedLogger<LogCategories.ServiceDirectory> logger)
    {
        _store = store;
        _model = store.Model;
        _dependencies = dependencies;
        _names = names;
        _services = new ServiceTable(
            name => new Service(name.ToLowerInvariant(), store.Of(name), dependencies), service => service.Follow(store), logger);
        _sources = new RunningSources(
            [.. sources.Select(source => new SourceFeed(source, store, _services, judge, dependencies, Heard))],
            stopping => names.RunAsync(Resolve, stopping),
            dependencies.Clock.TimeProvider,
            logger);
        if (_sources.Statuses.Any(static status => status.ReadsRegistry))
        {
            dependencies.Guard.ReadsRegistry();
        }

        Apply(_model.Current);
        _model.OnChange(Apply);
        store.OnServiceChange(name =>
        {
            if (_services.TryGet(name, out var service))
            {
                service.Follow(store);
            }
        });

        // Not Values, which is a copy: services that a source names later must be included. Only services that this application uses: a
        // registry may list thousands, and each is several time series.
        var services = Services.Where(static service => service.Matters);
        dependencies.Metrics.Observe(() => ServiceObservations.Endpoints(services), () => ServiceObservations.Circuits(services));
    }

    /// <summary>Hosts known not to be services.</summary>
    public ExternalHosts External { get; } = new();

    /// <summary>The state of the registry's answers, and how to ask for newer ones.</summary>
    public SourceSignals Refresh => _dependencies.Refresh;

    /// <summary>Why names are missing, for messages.</summary>
    public string Sources => SourceReport.Describe(_sources.Statuses, Refresh, _dependencies.Clock.TimeProvider);

    /// <summary>The names of the sources that have not answered yet, for messages.</summary>
    public IReadOnlyList<string> Unanswered => _sources.Unanswered;

    /// <summary>Completes when every source has given its first answer.</summary>
    public Task WhenReady => _sources.WhenReady;

    /// <summary>The names of all services, for messages.</summary>
    public IEnumerable<string> Names =>
        _services.All.Where(static pair => pair.Value.Endpoints.IsResolved || pair.Value.Model.IsNamed)
            .Select(static pair => pair.Key)
            .Order(StringComparer.Ordinal);

    public IEnumerable<Service> Services => _services.All.Select(static pair => pair.Value);

    /// <summary>A service by its name; null for none.</summary>
    public Service? Named(string name) => _services.TryGet(name, out var service) ? service : null;

    /// <summary>How calls to a service without settings of its own are made.</summary>
    public CallPolicy DefaultPolicy => _model.Current.Defaults.CallPolicy;

    /// <summary>Whether a source of this name reads a registry, so that <see cref="Sources"/> says more about it.</summary>
    public bool IsRegistry(string source) => _sources.IsRegistry(source);

    /// <summary>Starts the sources in the background, once. Called by the host, or by the first call where there is no host.</summary>
    public void Start()
    {
        if (!_sources.IsStarted)
        {
            _sources.Start();
        }
    }

    /// <summary>This process registers under this id, by which it finds itself in the lists of sources.</summary>
    public void Registers(string instanceId)
    {
        if (_dependencies.Locality.Registers(instanceId))
        {
            Relocate();
        }
    }

    /// <summary>Stops the sources and waits for them.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _sources.StopAsync(cancellationToken);

    /// <summary>Whether a request's host is a service.</summary>
    public HostLookup Find(Uri? uri, out Service? service)
    {
        service = null;
        if (uri is null || !uri.IsAbsoluteUri || _switchedOff)
        {
            return HostLookup.External;
        }

        Start();

        var host = uri.Host;
        if (_services.TryGet(host, out service) && service.IsHost && HostName.IsCallable(uri))
        {
            return HostLookup.Service;
        }

        return service is not null && service.IsDotted && uri.Scheme != "mesh" ? HostLookup.Dotted : FindUnlisted(uri, host, out service);
    }

    /// <summary>Waits for the first answer of the sources; a call of a source itself does not.</summary>
    /// <returns>False when it did not come in time.</returns>
    public async ValueTask<bool> WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (_sources.IsReady)
        {
            return true;
        }

        if (SourceFlow.IsCurrent)
        {
            return false;
        }

        try
        {
            await WhenReady.WaitAsync(patience, _dependencies.Clock.TimeProvider, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Asks the registry on behalf of a call and waits for the answer, if that can bring news. A call of a source does not
    /// wait.</summary>
    /// <param name="patience">The longest wait; <see cref="MaxAsking"/> also limits it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there is a newer answer.</returns>
    public async ValueTask<bool> AskAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (Refresh.AskForAnswer(_dependencies.Clock.TimeProvider) is not { } answer || SourceFlow.IsCurrent)
        {
            return false;
        }

        try
        {
            await answer.WaitAsync(
                patience < TimeSpan.Zero || patience > MaxAsking ? MaxAsking : patience,
                _dependencies.Clock.TimeProvider,
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _sources.Dispose();
        foreach (var service in Services)
        {
            service.Dispose();
        }
    }

    private HostLookup FindUnlisted(Uri uri, string host, [NotNullWhen(true)] out Service? service)
    {
        service = null;
        if (!HostName.IsCallable(uri))
        {
            return HostLookup.External;
        }

        if (HostName.ALabel(uri) is { } label)
        {
            host = label;
            if (_services.TryGet(host, out service) && service.IsHost)
            {
                return HostLookup.Service;
            }
        }

        var isMesh = uri.Scheme == HostName.MeshScheme;
        var name = host;
        if (_model.Current.DomainSuffix is { } suffix
            && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
            && host.Length > suffix.Length)
        {
            name = host[..^suffix.Length];
        }
        else if (!isMesh && (uri.HostNameType != UriHostNameType.Dns || host.Contains('.') || uri.IsLoopback))
        {
            return HostLookup.External;
        }

        if (_services.TryGet(name, out service))
        {
            return HostLookup.Service;
        }

        if (!_sources.IsReady && !SourceFlow.IsCurrent)
        {
            return HostLookup.Undecided;
        }

        // A source may have named it between the lookup and its first answer.
        if (_services.TryGet(name, out service))
        {
            return HostLookup.Service;
        }

        return _services.IsRefused(name) ? HostLookup.Refused : isMesh ? HostLookup.Unknown : HostLookup.Unlisted;
    }

    private void Heard(string service, IReadOnlyList<EndpointDescription> endpoints)
    {
        if (_dependencies.Locality.Heard(service, endpoints))
        {
            Relocate();
        }
    }

    private void Apply(MeshModel view)
    {
        _switchedOff = !view.IsEnabled;
        var judgeAgain = !view.EndpointPolicy.Equals(_endpointPolicy);
        _endpointPolicy = view.EndpointPolicy;
        foreach (var name in view.Services.Keys)
        {
            _services.AddHost(name).Endpoints.Resolve(_names.Known);
        }

        // Each by itself: what keeps one from following must not keep the others, above all where the change protects.
        List<Exception>? failures = null;
        foreach (var (_, service) in _services.All)
        {
            try
            {
                service.Follow(_store, judgeAgain);
            }
            catch (Exception failure)
            {
                (failures ??= []).Add(failure);
            }
        }

        if (failures is not null)
        {
            throw new AggregateException(failures);
        }

        if (_dependencies.Locality.Configure(view.Options.Service))
        {
            Relocate();
        }
    }

    private void Resolve()
    {
        foreach (var (_, service) in _services.All)
        {
            service.Endpoints.Resolve(_names.Known);
        }
    }

    private void Relocate()
    {
        foreach (var (_, service) in _services.All)
        {
            service.Endpoints.Relocate();
        }
    }
}
