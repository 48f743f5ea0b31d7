using Mesh.Client.Primitives;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Lifecycle;

/// <summary>The host's lifetime for consoles and containers, except that a signal during the start lets the application start first, and
/// then stops it.</summary>
/// <remarks>
/// The host would cancel the start in the middle: the server's binding then fails with <see cref="OperationCanceledException"/>, which
/// leaves <c>Run</c> and ends the process with exit code 134, and no service is told to stop. It still does so at a second signal, and when
/// the start takes longer than <see cref="MaxWait"/>.
/// </remarks>
internal sealed class StartupLifetime(
    IOptions<ConsoleLifetimeOptions> options,
    IHostEnvironment environment,
    IHostApplicationLifetime lifetime,
    IOptions<HostOptions> host,
    ILoggerFactory loggers,
    PendingStop pending,
    [OwnClock] TimeProvider time) : IHostLifetime, IDisposable
{
    /// <summary>How long the start may continue after a signal. Orchestrators wait half a minute and longer.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly ConsoleLifetime _console = new(options, environment, new Deferring(lifetime, pending, time), host, loggers);

    public Task WaitForStartAsync(CancellationToken cancellationToken) => _console.WaitForStartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _console.StopAsync(cancellationToken);

    public void Dispose() => _console.Dispose();

    /// <summary>Passed to the console's lifetime as the application's: its signals arrive here.</summary>
    internal sealed class Deferring(IHostApplicationLifetime lifetime, PendingStop pending, TimeProvider time) : IHostApplicationLifetime
    {
        // When the first signal came, as a time stamp with its lowest bit set; 0 before. Signals arrive on their own threads.
        private long _first;
        private ITimer? _timer;

        public CancellationToken ApplicationStarted => lifetime.ApplicationStarted;

        public CancellationToken ApplicationStopping => lifetime.ApplicationStopping;

        public CancellationToken ApplicationStopped => lifetime.ApplicationStopped;

        public void StopApplication()
        {
            if (lifetime.ApplicationStarted.IsCancellationRequested)
            {
                lifetime.StopApplication();
                return;
            }

            if (Interlocked.CompareExchange(ref _first, time.GetTimestamp() | 1, 0) is not 0 and var first)
            {
                if (time.GetElapsedTime(first) >= MeshLifecycle.SameSignal)
                {
                    lifetime.StopApplication();
                }

                return;
            }

            _timer = time.CreateTimer(
                static state => ((IHostApplicationLifetime)state!).StopApplication(), lifetime, MaxWait, Timeout.InfiniteTimeSpan);
            pending.Request();
            lifetime.ApplicationStarted.Register(
                static state =>
                {
                    var self = (Deferring)state!;
                    self._timer?.Dispose();
                    self.StopApplication();
                },
                this);
        }
    }
}
