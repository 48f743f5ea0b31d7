using Mesh.Client.Discovery;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Outbound.Services;

/// <summary>The sources of this process at work: from the start, or the first call, to the end of the process.</summary>
internal sealed partial class RunningSources : IDisposable
{
    /// <summary>A source that ignores its token must not hold up the stop.</summary>
    private static readonly TimeSpan MaxStop = TimeSpan.FromSeconds(10);

    private readonly SourceFeed[] _feeds;
    private readonly Func<CancellationToken, Task> _besides;
    private readonly GuardedLogger<LogCategories.ServiceDirectory> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private volatile bool _started;
    private volatile bool _ready;

    /// <param name="feeds">One for each source.</param>
    /// <param name="besides">What else runs as long as they do.</param>
    /// <param name="time">The time.</param>
    /// <param name="logger">Told of a source that fails.</param>
    /// <exception cref="InvalidOperationException">The sources cannot be told apart.</exception>
    public RunningSources(
        SourceFeed[] feeds,
        Func<CancellationToken, Task> besides,
        TimeProvider time,
        GuardedLogger<LogCategories.ServiceDirectory> logger)
    {
        SourceIdentity.Check(feeds.Select(static feed => ((string?)feed.Name, feed.Rank, feed.Source.GetType())));
        (_feeds, _besides, _time, _logger) = (feeds, besides, time, logger);
        _ready = feeds.Length == 0;
        WhenReady = ReadyAsync();
    }

    public IEnumerable<MeshSourceStatus> Statuses => _feeds.Select(static feed => feed.Status);

    /// <summary>The names of those that have not answered yet.</summary>
    public IReadOnlyList<string> Unanswered =>
        [.. _feeds.Where(static feed => !feed.FirstAnswer.IsCompleted).Select(static feed => feed.Name)];

    public bool IsStarted => _started;

    public bool IsReady => _ready;

    /// <summary>Completes when each has given its first answer.</summary>
    public Task WhenReady { get; }

    /// <summary>Whether one of this name reads a registry.</summary>
    public bool IsRegistry(string name) =>
        Array.Exists(_feeds, feed => feed.Name == name && feed.Status.Addresses.Count > 0);

    /// <summary>Starts them in the background, once.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_started || _stopping.IsCancellationRequested)
            {
                return;
            }

            // The loops must not inherit the context of the request that happened to come first.
            using (ExecutionContext.SuppressFlow())
            {
                _running = Task.WhenAll(
                    [.. _feeds.Select(feed => Task.Run(() => RunAsync(feed))), Task.Run(() => _besides(_stopping.Token))]);
            }

            _started = true;
        }
    }

    /// <summary>Stops them and waits for their end, for a while.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await _running.WaitAsync(MaxStop, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogNotStopped(_logger, string.Join(", ", _feeds.Where(static feed => feed.IsRunning).Select(static feed => feed.Name)));
        }
    }

    public void Dispose() => _stopping.Cancel();

    private async Task RunAsync(SourceFeed feed)
    {
        SourceFlow.Enter();
        feed.IsRunning = true;
        try
        {
            await feed.Source.RunAsync(feed, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped, as asked.
        }
        catch (Exception exception)
        {
            LogSourceFailed(_logger, feed.Name, exception);
        }
        finally
        {
            // A source that has ended brings no news, and counts as ready.
            feed.StopReading();
            feed.Ready();
            feed.IsRunning = false;
        }
    }

    private async Task ReadyAsync()
    {
        await Task.WhenAll(_feeds.Select(static feed => feed.FirstAnswer)).ConfigureAwait(false);
        _ready = true;
    }

    [LoggerMessage(
        1213,
        LogLevel.Warning,
        "Sources that have not stopped when they were told to: {Sources}. The application stops without them.",
        EventName = "SourcesNotStopped")]
    private static partial void LogNotStopped(ILogger logger, string sources);

    [LoggerMessage(
        1210,
        LogLevel.Error,
        "The endpoint source '{Source}' has ended with an error; what it published last stays in use.",
        EventName = "SourceFailed")]
    private static partial void LogSourceFailed(ILogger logger, string source, Exception exception);
}
