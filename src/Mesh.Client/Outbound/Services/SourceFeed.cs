using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Services;

/// <summary>Takes what one source says: its settings to the store, its endpoints to the services.</summary>
internal sealed class SourceFeed : IMeshSink
{
    /// <summary>A source may mean never.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromDays(365);

    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MeshStore _store;
    private readonly ServiceTable _services;
    private readonly SourceJudge _judge;
    private readonly TimeProvider _time;
    private readonly Action<string, IReadOnlyList<EndpointDescription>> _heard;
    private readonly Action<Exception, string?> _notFollowed;
    private readonly RefreshSignal _signal;
    // Only the reader uses these two.
    private long _begun;
    private long? _good;

    /// <param name="source">The source.</param>
    /// <param name="store">Receives its settings.</param>
    /// <param name="services">Receives its endpoints.</param>
    /// <param name="judge">Decides what is accepted.</param>
    /// <param name="dependencies">What every service needs.</param>
    /// <param name="heard">Told which endpoints were published.</param>
    public SourceFeed(
        IMeshSource source,
        MeshStore store,
        ServiceTable services,
        SourceJudge judge,
        ServiceDependencies dependencies,
        Action<string, IReadOnlyList<EndpointDescription>> heard)
    {
        Source = source;
        (Name, Rank) = (source.Name, source.Rank);
        _store = store;
        _services = services;
        _judge = judge;
        _time = dependencies.Clock.TimeProvider;
        _heard = heard;
        _notFollowed = judge.CouldNotFollow(Name);
        _signal = dependencies.Refresh.Add();
    }

    public IMeshSource Source { get; }

    /// <summary>Its name at start: a later one would leave behind what it said under this one.</summary>
    public string Name { get; }

    /// <inheritdoc cref="IMeshSource.Rank"/>
    public MeshSourceRank Rank { get; }

    public bool IsRunning { get; set; }

    public MeshSourceStatus Status => SourceIdentity.StatusOf(Source);

    public Task FirstAnswer => _firstAnswer.Task;

    public Task NewsWanted => _signal.Asked;

    public Task NewsNeeded => _signal.Needed;

    public MeshUpdateResult Publish(MeshUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        if (update is ServiceUpdate { Service: var name } && !_services.Admits(Name, name))
        {
            return _judge.RefuseName(Name, name);
        }

        // Before anything is taken, since a list may fail to be read. An array is taken as it is: one that is published again must be known
        // again.
        var endpoints = update is ServiceUpdate { Endpoints: { } list } ? list as EndpointDescription[] ?? [.. list] : null;
        using (_store.Hold())
        {
            if (_judge.Judge(Name, update) is { IsAccepted: false } refused)
            {
                return refused;
            }

            if (update is DefaultsUpdate { Settings: var settings })
            {
                Say(null, settings);
            }
            else
            {
                Take((ServiceUpdate)update, endpoints);
            }
        }

        return MeshUpdateResult.Accepted;
    }

    public bool Withdraw(string service)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(service);
        using (_store.Hold())
        {
            Say(service, null);
            _judge.Forget(Name, service);
            if (_services.TryGet(service, out var known))
            {
                known.Standing.Explain(Name, absence: null, isListed: false);
            }

            return _services.TryForget(Name, Rank, service);
        }
    }

    public void LeaveOut(IReadOnlySet<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        _services.Refuse(Name, names);
    }

    public void Ready() => _firstAnswer.TrySetResult();

    public void BeginRead()
    {
        _begun = _time.GetTimestamp();
        _signal.Begin();
    }

    public void EndRead(TimeSpan pause, string? failure = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pause, TimeSpan.Zero);
        _good = failure is null ? _begun : _good;
        _signal.End(new RegistryReading(
            _good,
            _begun,
            _time.GetElapsedTime(_begun) + Duration.Min(pause, MaxPause),
            failure is null ? null : Printable.Of(failure, RegistryLimits.Message)));
    }

    public void StopReading() => _signal.Stop();

    private void Take(ServiceUpdate update, EndpointDescription[]? endpoints)
    {
        // The settings first: new endpoints must be used by the rules that came with them.
        Say(update.Service, update.Settings);
        if (endpoints is null)
        {
            if (_services.TryGet(update.Service, out var unnamed))
            {
                unnamed.Endpoints.Withdraw(Name);
            }
        }
        else
        {
            _services.Publish(Name, Rank, update.Service, endpoints, update.Leaving);
            _heard(update.Service, endpoints);
        }

        if (_services.TryGet(update.Service, out var service))
        {
            service.Standing.Explain(Name, update.Absence, update.IsListed);
        }
    }

    private void Say(string? service, ServiceOptions? settings) =>
        _store.Say(Name, Rank, service, settings is null ? null : ServiceSetting.Copy(settings), _notFollowed);
}
