using System.Collections.Concurrent;
using System.Collections.Immutable;
using Mesh.Client.Model;
using Mesh.Client.Options;

namespace Mesh.Client.Discovery;

/// <summary>What all sources say about settings, and the models that follow from it: of the process (<see cref="Model"/>) and of each
/// service.</summary>
/// <remarks>Keeps of each source and subject what was accepted last, in the form in which it was said: a setting of a source that is taken
/// back gives way to the next one, and what has decided can be named. The endpoints that sources name are kept where they are used, in the
/// state of their service.</remarks>
internal sealed class MeshStore
{
    /// <summary>Held while something is said, and while it is passed on: one change after the other.</summary>
    private readonly Lock _gate = new();

    /// <summary>Only services that somebody but the configuration has settings for.</summary>
    private readonly ConcurrentDictionary<string, Subject> _subjects = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableArray<SettingsLayer> _defaults = [];
    private Action<string>? _changed;
    private string? _refusedConfiguration;

    /// <summary>Begins with the configuration.</summary>
    public MeshStore(MeshOptions options) => Model = new ModelInForce(new MeshModel(options, generation: 1));

    public ModelInForce Model { get; }

    /// <summary>Why the present configuration is refused, so that an older one is in force; null if it is not.</summary>
    public string? RefusedConfiguration
    {
        get => Volatile.Read(ref _refusedConfiguration);
        set => Volatile.Write(ref _refusedConfiguration, value);
    }

    /// <summary>The services that a source other than the configuration has settings for.</summary>
    public IEnumerable<string> Services => _subjects.Keys;

    /// <summary>The model of a service in force.</summary>
    public ServiceModel Of(string service)
    {
        // Written before the model of the process is replaced, so one that is newer than that only shows for a moment.
        var mesh = Model.Current;
        return mesh.IsEnabled && _subjects.TryGetValue(service, out var subject) ? subject.Model : mesh.Of(service);
    }

    /// <summary>Everything that is said about a service, the highest rank first.</summary>
    public SettingsLayer[] Layers(string service) => Model.Current.Layers(service, Said(service));

    /// <summary>Everything that is said about all services, the highest rank first.</summary>
    public SettingsLayer[] DefaultLayers()
    {
        lock (_gate)
        {
            return Model.Current.DefaultLayers(_defaults);
        }
    }

    /// <summary>Calls <paramref name="handler"/> with the name of each service whose model has changed alone. One at a time.</summary>
    public void OnServiceChange(Action<string> handler)
    {
        lock (_gate)
        {
            _changed += handler;
        }
    }

    /// <summary>Lets nobody say anything meanwhile, for what is said in two parts: settings here, endpoints to their service.</summary>
    /// <remarks>The one lock of all writers: a change of the configuration tells applications of it, which may say something
    /// themselves.</remarks>
    public Lock.Scope Hold() => _gate.EnterScope();

    /// <summary>Takes the next configuration, and tells everybody.</summary>
    /// <param name="options">Validated.</param>
    /// <param name="accepted">Called between both.</param>
    /// <param name="failed">Told which part could not follow, and why.</param>
    public void Configure(MeshOptions options, Action<MeshModel> accepted, Action<Exception, string?> failed)
    {
        lock (_gate)
        {
            Replace(new MeshModel(options, Model.Current.Generation + 1, _defaults));
            accepted(Model.Current);
            Model.Tell(failed);
        }
    }

    /// <summary>Takes what a source says about the settings of a service, in place of what it said before.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="rank">How much its word counts.</param>
    /// <param name="service">The service; null for all services.</param>
    /// <param name="settings">Null for none any more. Must not change.</param>
    /// <param name="failed">Told which part could not follow, and why.</param>
    public void Say(
        string source, MeshSourceRank rank, string? service, ServiceOptions? settings, Action<Exception, string?> failed)
    {
        var layer = settings is null ? null : new SettingsLayer(source, rank, settings);
        lock (_gate)
        {
            if (service is null)
            {
                SayOfAll(source, rank, layer, failed);
            }
            else
            {
                SayOf(service, source, rank, layer, failed);
            }
        }
    }

    private void SayOfAll(string source, MeshSourceRank rank, SettingsLayer? layer, Action<Exception, string?> failed)
    {
        var next = With(_defaults, source, rank, layer);
        if (next != _defaults)
        {
            _defaults = next;
            var current = Model.Current;
            Replace(new MeshModel(current.Options, current.Generation, next));
            Model.Tell(failed);
        }
    }

    private void SayOf(
        string service, string source, MeshSourceRank rank, SettingsLayer? layer, Action<Exception, string?> failed)
    {
        var before = _subjects.GetValueOrDefault(service);
        var said = before?.Said ?? [];
        var next = With(said, source, rank, layer);
        if (next == said)
        {
            return;
        }

        if (next.IsEmpty)
        {
            _subjects.TryRemove(service, out _);
        }
        else
        {
            _subjects[service] = new Subject(next, Model.Current.Make(service, next));
        }

        try
        {
            _changed?.Invoke(service);
        }
        catch (Exception exception)
        {
            failed(exception, service);
        }
    }

    /// <summary>The models of services first: a reader that sees the model of the process finds those that were made with it.</summary>
    private void Replace(MeshModel next)
    {
        foreach (var (service, subject) in _subjects)
        {
            if (next.IsEnabled)
            {
                _subjects[service] = subject with { Model = next.Make(service, subject.Said) };
            }
        }

        Model.Replace(next);
    }

    private ImmutableArray<SettingsLayer> Said(string service) => _subjects.GetValueOrDefault(service)?.Said ?? [];

    /// <summary>The same array where nothing changes.</summary>
    private static ImmutableArray<SettingsLayer> With(
        ImmutableArray<SettingsLayer> said, string source, MeshSourceRank rank, SettingsLayer? layer)
    {
        var before = said.FirstOrDefault(known => known.Rank == rank && known.Source == source);
        return before is null
            ? layer is null ? said : said.Add(layer)
            : layer is null ? said.Remove(before)
            : layer.SaysTheSame(before) ? said
            : said.Replace(before, layer);
    }

    private sealed record Subject(ImmutableArray<SettingsLayer> Said, ServiceModel Model);
}
