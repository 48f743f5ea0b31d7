using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Telemetry;

/// <summary>The only logger of this package: it never throws. A provider that throws (a full disk) must neither fail a call, nor interrupt
/// a change of state or a stop, nor end a loop or, from a timer, the process.</summary>
/// <remarks>The factory's logger rethrows the exceptions of its providers. A test ensures that no type takes another logger.</remarks>
internal sealed class GuardedLogger<T> : ILogger
    where T : ILogCategory
{
    private readonly Func<ILogger> _create;

    // Two threads may create it at once: the factory gives both the same logger, or an equivalent one.
    private ILogger? _inner;

    /// <summary>The one constructor for the container. It does not take the factory: a provider of the factory may have a client of the
    /// HttpClientFactory, and the mesh's filter there logs.</summary>
    public GuardedLogger(IServiceProvider services)
        : this(() => services.GetRequiredService<ILoggerFactory>().CreateLogger(T.Name))
    {
    }

    /// <param name="create">Creates the logger. It may throw, and is then called again for the next message.</param>
    internal GuardedLogger(Func<ILogger> create) => _create = create;

    private ILogger Inner => _inner ??= _create();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return Inner.BeginScope(state);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return Inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            Inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // The log itself is broken: there is nowhere to report that.
        }
    }
}
