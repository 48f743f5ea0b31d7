using Mesh.Client.Discovery;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Eureka;

/// <summary>Endpoints from a Eureka registry: the whole list first, then changes, checked against the registry's own count.</summary>
internal sealed partial class EurekaSource(
    EurekaClient client,
    ModelInForce model,
    [OwnClock] TimeProvider time,
    IRandomSource random,
    RegistryMetrics metrics,
    RegistrySnapshot snapshot,
    GuardedLogger<LogCategories.EurekaSource> logger) : IMeshSource
{
    /// <summary>The name under which it publishes.</summary>
    internal const string SourceName = "eureka";

    private readonly EurekaRegistry _registry = new();
    private readonly ReaderMemory _memory = new();
    private readonly DeltaPlan _delta = new();
    private readonly Outage _outage = new(time);
    private bool _complete;
    private bool _remembered;
    private string? _deltaFailure;
    private string? _failure;
    private long? _good;

    // The addresses of the registry that gave the last accepted answer; empty before the first.
    private string[] _servers = [];
    private int _kept;
    private int _doubted;

    public string Name => SourceName;

    public MeshSourceStatus Status
    {
        get
        {
            var settings = EurekaSettings.From(model.Current.Options.Discovery);
            return new MeshSourceStatus
            {
                Addresses = settings.ServiceUrls,
                IsRemembered = snapshot.IsUsed,
                Idle = settings.Fetch ? null
                    : settings.ServiceUrls.Count > 0 ? "The registry is not read (Mesh:Discovery:Eureka:Fetch is false)."
                    : "No registry is configured (Mesh:Discovery:Eureka:ServiceUrls; Steeltoe's default, http://localhost:8761/eureka/, is "
                        + "not assumed).",
            };
        }
    }

    public async Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
    {
        var publisher = new EurekaPublisher(sink, logger);
        var started = time.GetTimestamp();
        var changed = new ChangeSignal();
        var moved = new ChangeSignal();
        IReadOnlyList<string> asked = [];
        model.OnChange(view =>
        {
            changed.Set();
            if (!EurekaSettings.From(view.Options.Discovery).ServiceUrls.SequenceEqual(Volatile.Read(ref asked)))
            {
                moved.Set();
            }
        });

        try
        {
            while (true)
            {
                var next = changed.Next;
                var elsewhere = moved.Next;
                var settings = EurekaSettings.From(model.Current.Options.Discovery);
                Volatile.Write(ref asked, settings.ServiceUrls);
                if (!settings.Fetch || !model.Current.IsEnabled)
                {
                    // Nothing to wait for; a reload may configure a registry later.
                    metrics.FetchingEnded();
                    sink.StopReading();
                    sink.Ready();
                    await next.WaitAsync(stoppingToken).ConfigureAwait(false);
                    continue;
                }

                var begun = time.GetTimestamp();
                sink.BeginRead();
                var delay = await FetchAsync(sink, publisher, settings, started, stoppingToken).ConfigureAwait(false);
                var isFirst = _good is null && _failure is null;
                _good = _failure is null ? begun : _good;
                sink.EndRead(delay, _failure);
                if (isFirst)
                {
                    // After the end: a call that waits for this must not be told that the registry has given no answer.
                    sink.Ready();
                }

                await RestAsync(sink, delay, begun, elsewhere, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The ordinary end.
        }

        await snapshot.EndAsync().ConfigureAwait(false);
    }

    /// <returns>How long to wait until the next fetch.</returns>
    private async Task<TimeSpan> FetchAsync(
        IMeshSink sink, EurekaPublisher publisher, EurekaSettings settings, long started, CancellationToken cancellationToken)
    {
        var begun = metrics.FetchBegins();
        _registry.PreferIPAddress = settings.CallByIPAddress;
        try
        {
            // Another registry has deltas of its own, which do not continue the list of the previous one.
            string[] servers = [.. EurekaServer.From(settings.ServiceUrls).Select(static server => server.Root.AbsoluteUri)];
            var isOther = _complete && !_servers.Intersect(servers, StringComparer.OrdinalIgnoreCase).Any();
            if (isOther || !await TryDeltaAsync(started, settings.EmptyRegistryGrace, cancellationToken).ConfigureAwait(false))
            {
                var full = await GetAllAsync(sink, publisher, settings, started, cancellationToken).ConfigureAwait(false);
                if (isOther)
                {
                    _registry.ReplaceRegistry(full, time.GetElapsedTime(started), settings.EmptyRegistryGrace);
                }
                else
                {
                    _registry.Replace(full, time.GetElapsedTime(started), settings.EmptyRegistryGrace);
                }

                if (_delta.ReadInFull())
                {
                    LogDeltaGivenUp(_deltaFailure ?? "There was no answer.");
                }
            }

            _servers = servers;
            var changed = publisher.Publish(
                _registry.TakeChanges(),
                _registry.Accepted(),
                settings.CallByIPAddress,
                settings.Origin,
                settings.PreferSecurePort,
                _registry.Idle());
            snapshot.Remember(_registry.Accepted(), changed);
            metrics.FetchEnded(begun, _registry.BelievedCount);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever the failure: known endpoints stay, and the loop goes on. Few log lines, not one per interval.
            metrics.FetchFailed(begun);
            _failure = Printable.Of(failure.Message, 500);
            if (_outage.Add(failure))
            {
                LogFailed(failure.Message, failure is EurekaException ? null : failure);
            }

            return PollSchedule.AfterFailure(_outage.Failures, settings.FetchInterval, random);
        }

        if (_outage.Failures > 0)
        {
            LogRecovered(_good is null ? "now" : "again", _outage.Failures);
            _outage.End();
            _failure = null;
        }

        if (!_complete)
        {
            _complete = true;

            // Set only now: while the first answer is read, a snapshot may be put into the registry.
            _memory.Known = _registry;
        }

        ReportKept(settings.EmptyRegistryGrace);
        return PollSchedule.Next(settings.FetchInterval, random);
    }

    /// <summary>Everything that the registry lists. If the first answer is late or fails, the snapshot of an earlier process is used until
    /// an answer comes.</summary>
    private async Task<EurekaApplications> GetAllAsync(
        IMeshSink sink, EurekaPublisher publisher, EurekaSettings settings, long started, CancellationToken cancellationToken)
    {
        var asking = client.GetAllAsync(_memory, cancellationToken);
        if (_complete || _remembered || !snapshot.IsWanted)
        {
            return await asking.ConfigureAwait(false);
        }

        await Pause.ForAsync(asking, snapshot.Patience, time, cancellationToken).ConfigureAwait(false);
        if (!asking.IsCompletedSuccessfully)
        {
            _remembered = true;
            if (await snapshot.ReadAsync(cancellationToken).ConfigureAwait(false) is { } known && !asking.IsCompletedSuccessfully)
            {
                // Handled like an answer of the registry, so that an empty answer after it is suspected as usual.
                _registry.Replace(known.Applications, time.GetElapsedTime(started), settings.EmptyRegistryGrace);
                publisher.Publish(
                    _registry.TakeChanges(),
                    _registry.Accepted(),
                    settings.CallByIPAddress,
                    settings.Origin,
                    settings.PreferSecurePort,
                    _registry.Idle());
                snapshot.ReportUse(known);
                sink.Ready();
            }
        }

        return await asking.ConfigureAwait(false);
    }

    /// <summary>One line when instances begin to be retained. That they are listed again one by one is no news.</summary>
    private void ReportKept(TimeSpan grace)
    {
        var (kept, doubted) = (_registry.VanishedCount, _registry.DoubtedCount);
        if (kept > _kept)
        {
            LogKept(kept, grace);
        }

        if (doubted > _doubted)
        {
            LogDoubted(doubted, grace);
        }

        (_kept, _doubted) = (kept, doubted);
    }

    /// <summary>Waits until the next fetch is due, calls ask for one, or the configuration names other servers.</summary>
    private async Task RestAsync(
        IMeshSink sink, TimeSpan delay, long begun, Task elsewhere, CancellationToken cancellationToken)
    {
        var until = time.GetElapsedTime(begun) + delay;
        if (_outage.Failures > 0)
        {
            // A registry that does not answer is not asked sooner: it is in trouble already, and the pause after the first failures is
            // short.
            await Pause.ForAsync(elsewhere, delay, time, cancellationToken).ConfigureAwait(false);
            return;
        }

        var sooner = Task.WhenAny(sink.NewsWanted, elsewhere);
        if (!await Pause.ForAsync(sooner, delay, time, cancellationToken).ConfigureAwait(false) || elsewhere.IsCompleted)
        {
            return;
        }

        var since = time.GetElapsedTime(begun);
        var wait = PollSchedule.WhenAsked(since, random);
        if (wait > until - since)
        {
            wait = until - since;
        }

        if (wait > TimeSpan.Zero && await Pause.ForAsync(sink.NewsNeeded, wait, time, cancellationToken).ConfigureAwait(false))
        {
            since = time.GetElapsedTime(begun);
            var needed = Duration.Min(PollSchedule.WhenNeeded(since, random), until - since);
            if (needed > TimeSpan.Zero)
            {
                await Task.Delay(needed, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Applies what changed. False: a full answer is needed.</summary>
    private async Task<bool> TryDeltaAsync(long started, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (!_complete || !_delta.Asks(_outage.Failures > 0 && _good is { } good ? time.GetElapsedTime(good) : null))
        {
            return false;
        }

        EurekaApplications? delta;
        try
        {
            delta = await client.GetDeltaAsync(_memory, cancellationToken).ConfigureAwait(false);
        }
        catch (EurekaException failure) when (failure.Answered)
        {
            // No server gives a usable delta, but one answers: use it for a full list rather than keep old knowledge.
            _deltaFailure = failure.Message;
            LogDeltaFailed(failure.Message);
            return false;
        }

        if (delta is null)
        {
            _delta.Refused();
            return false;
        }

        _delta.Succeeded();
        if (_registry.Apply(delta, time.GetElapsedTime(started), grace))
        {
            return true;
        }

        LogMismatch(Printable.Of(delta.Hash ?? string.Empty));
        return false;
    }
}
