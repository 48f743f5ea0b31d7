using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Configuration;

/// <summary>Builds the model from the configuration, and rebuilds it when the configuration changes.</summary>
/// <remarks>A changed configuration is taken as a whole or not at all: a mistake anywhere keeps the view in force.</remarks>
internal sealed partial class MeshConfiguration : IDisposable
{
    /// <summary>One save of a file raises several change signals; they are taken as one after this silence.</summary>
    public static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(250);

    /// <summary>A provider that signals all the time must not delay the others' changes for ever.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly IOptionsFactory<MeshOptions> _factory;
    private readonly MeshConfigurationSource _source;
    private readonly GuardedLogger<LogCategories.MeshConfiguration> _logger;
    private readonly ITimer _timer;
    private readonly IDisposable _watch;
    private readonly UnreadableFiles _files;

    /// <summary>Guards <see cref="_signalled"/>; separate from the reload lock, so that a signal does not wait for a reload.</summary>
    private readonly Lock _gate = new();

    /// <summary>Held while a reload runs: views are published, and handlers called, one after the other.</summary>
    private readonly Lock _reloading = new();

    // When the oldest signal arrived that is still to be handled; null for none. Guarded by the gate, as the timer's due time is.
    private long? _signalled;
    private WrittenSettings _accepted;
    private string? _rejected;
    private long _rejections;
    private bool _disposed;

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="OptionsValidationException">The configuration has mistakes; the message lists all of them.</exception>
    public MeshConfiguration(
        IOptionsFactory<MeshOptions> factory,
        MeshConfigurationSource source,
        [OwnClock] TimeProvider time,
        GuardedLogger<LogCategories.MeshConfiguration> logger)
    {
        _time = time;
        _factory = factory;
        _source = source;
        _logger = logger;
        _accepted = source.Read();
        Store = new MeshStore(factory.Create(Microsoft.Extensions.Options.Options.DefaultName));

        // The timer lives as long as the process; it must not hold on to the request that happened to create this object.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(
                static state => ((MeshConfiguration)state!).Reload(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _files = new UnreadableFiles(source, Schedule);
            _watch = source.Watch(Schedule);
        }

        // A change between reading and watching raised no signal.
        if (source.Read().Text != _accepted.Text)
        {
            Schedule();
        }
    }

    /// <summary>Receives the configuration, which is one of its writers.</summary>
    public MeshStore Store { get; }

    public ModelInForce Model => Store.Model;

    /// <summary>Whether the current configuration was refused, so that an older view is in force.</summary>
    public bool IsRejected => Volatile.Read(ref _rejected) is not null;

    /// <summary>How many edits were refused so far. Accepted ones are counted by <see cref="MeshModel.Generation"/>.</summary>
    public long Rejections => Volatile.Read(ref _rejections);

    public void Dispose()
    {
        _watch.Dispose();
        _files.Dispose();
        _timer.Dispose();
        lock (_reloading)
        {
            _disposed = true;
        }
    }

    private void Schedule()
    {
        lock (_gate)
        {
            var waited = _time.GetElapsedTime(_signalled ??= _time.GetTimestamp());
            var rest = MaxDelay - waited;
            if (rest > TimeSpan.Zero)
            {
                _timer.Change(rest < Debounce ? rest : Debounce, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Reload()
    {
        lock (_gate)
        {
            // The read below may or may not see a change that is signalled from here on.
            _signalled = null;
        }

        lock (_reloading)
        {
            if (_disposed)
            {
                return;
            }

            if (_files.Failure is { } failure)
            {
                // The other files are only a part: nothing is accepted until all files can be read. An edit refused for this reason is
                // logged, too.
                Reject($"{failure}\n{_source.Read().Text}", failure);
                return;
            }

            try
            {
                Take(_source.Read());
            }
            catch (Exception exception)
            {
                // On a timer's thread it would end the process.
                LogHandlerFailed(_logger, exception, Model.Current.Generation, part: null);
            }
        }
    }

    private void Take(WrittenSettings settings)
    {
        var content = settings.Text;
        var current = Model.Current;
        if (content == _accepted.Text)
        {
            // Unchanged, or a rejected edit was taken back.
            if (_rejected is not null)
            {
                _rejected = null;
                Store.RefusedConfiguration = null;
                LogRecovered(_logger, current.Generation);
            }

            return;
        }

        if (content == _rejected)
        {
            return;
        }

        MeshOptions next;
        try
        {
            next = _factory.Create(Microsoft.Extensions.Options.Options.DefaultName);
        }
        catch (Exception exception)
        {
            // Settings in code run here too. If they throw, the application keeps the settings in force.
            Reject(content, exception.Message);
            return;
        }

        var recovered = _rejected is not null;
        var changes = _accepted.ChangesTo(settings);
        _accepted = settings;
        _rejected = null;
        Store.RefusedConfiguration = null;
        var generation = current.Generation + 1;
        Store.Configure(
            next,
            model =>
            {
                if (recovered)
                {
                    LogRecovered(_logger, generation);
                }
                else
                {
                    LogReloaded(_logger, generation, changes);
                }

                if (model.IsEnabled && HasAny(current.Options) && !HasAny(next))
                {
                    LogEmptied(_logger, generation);
                }
            },
            (exception, part) => LogHandlerFailed(_logger, exception, generation, part));
    }

    /// <summary>Whether there is anything to call: a service, or a registry that may name some.</summary>
    private static bool HasAny(MeshOptions options) =>
        options.Services.Count > 0 || options.Discovery.Eureka.ServiceUrls.Count > 0 || options.Discovery.Eureka.ZoneServiceUrls.Count > 0;

    /// <summary>Logs once that an edit is refused.</summary>
    private void Reject(string content, string reason)
    {
        if (content != _rejected)
        {
            _rejected = content;
            _rejections++;
            Store.RefusedConfiguration = reason;
            LogRejected(_logger, Model.Current.Generation, reason);
        }
    }
}
