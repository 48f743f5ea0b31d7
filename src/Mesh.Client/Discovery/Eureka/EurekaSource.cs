using Mesh.Client.Balancing;
using Mesh.Client.DependencyInjection;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Endpoints from a Eureka registry: the whole list first, then changes, checked against the registry's own count.</summary>
internal sealed partial class EurekaSource(
    EurekaClient client,
    MeshConfiguration configuration,
    TimeProvider time,
    IRandomSource random,
    RegistryMetrics metrics,
    ILogger<EurekaSource> logger) : IEndpointSource
{
    // After a server refused the delta, this many full fetches go by before it is asked again.
    private const int FullFetchesAfterRefusal = 20;

    private readonly EurekaRegistry _registry = new();
    private bool _complete;
    private int _withoutDelta;
    private int _failures;
    private int _kept;
    private int _doubted;

    public string Name => "eureka";

    public async Task RunAsync(IEndpointSink sink, CancellationToken stoppingToken)
    {
        var publisher = new EurekaPublisher(sink, logger);
        var started = time.GetTimestamp();
        var changed = new ChangeSignal();
        configuration.OnChange(_ => changed.Set());

        try
        {
            while (true)
            {
                var next = changed.Next;
                var settings = EurekaSettings.From(configuration.Current.Options.Discovery);
                if (!settings.Fetch)
                {
                    // Nothing to wait for; a reload may name a registry later.
                    metrics.FetchingEnded();
                    sink.Ready();
                    await next.WaitAsync(stoppingToken).ConfigureAwait(false);
                    continue;
                }

                var delay = await FetchAsync(sink, publisher, settings, started, stoppingToken).ConfigureAwait(false);
                await Task.Delay(delay, time, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The ordinary end.
        }
    }

    /// <returns>How long to wait until the next fetch.</returns>
    private async Task<TimeSpan> FetchAsync(IEndpointSink sink, EurekaPublisher publisher, EurekaSettings settings, long started, CancellationToken cancellationToken)
    {
        var begun = metrics.FetchBegins();
        try
        {
            if (!await TryDeltaAsync(started, settings.EmptyRegistryGrace, cancellationToken).ConfigureAwait(false))
            {
                var full = await client.GetAllAsync(cancellationToken).ConfigureAwait(false);
                _registry.Replace(full, time.GetElapsedTime(started), settings.EmptyRegistryGrace);
            }

            publisher.Publish(_registry.Believed(), settings.PreferIPAddress, settings.Origin);
            metrics.FetchEnded(begun, _registry.BelievedCount);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, known endpoints stay as they are and the loop goes on. One line when it starts, not one per interval.
            metrics.FetchFailed(begun);
            _failures++;
            if (_failures == 1)
            {
                LogFailed(failure.Message, failure is EurekaException ? null : failure);
            }

            return Pace.AfterFailure(_failures, settings.FetchInterval, random);
        }

        if (_failures > 0)
        {
            LogRecovered(_failures);
            _failures = 0;
        }

        if (!_complete)
        {
            _complete = true;
            sink.Ready();
        }

        if (_registry.VanishedCount != _kept)
        {
            _kept = _registry.VanishedCount;
            if (_kept > 0)
            {
                LogKept(_kept, settings.EmptyRegistryGrace);
            }
        }

        if (_registry.DoubtedCount != _doubted)
        {
            _doubted = _registry.DoubtedCount;
            if (_doubted > 0)
            {
                LogDoubted(_doubted, settings.EmptyRegistryGrace);
            }
        }

        return Pace.Next(settings.FetchInterval, random);
    }

    /// <summary>Applies what changed. False: a full answer is needed.</summary>
    private async Task<bool> TryDeltaAsync(long started, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (!_complete || _withoutDelta-- > 0)
        {
            return false;
        }

        _withoutDelta = 0;
        if (await client.GetDeltaAsync(cancellationToken).ConfigureAwait(false) is not { } delta)
        {
            _withoutDelta = FullFetchesAfterRefusal;
            return false;
        }

        if (_registry.Apply(delta, time.GetElapsedTime(started), grace))
        {
            return true;
        }

        LogMismatch(Printable.Of(delta.Hash ?? string.Empty));
        return false;
    }
}
