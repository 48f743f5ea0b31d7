using Microsoft.Extensions.Logging;

namespace Mesh.Registry.Telemetry;

/// <summary>The only logger of this package: it never throws. A provider that throws (a full disk) must neither fail a request, nor
/// interrupt a change of the store, nor end the eviction or the replication.</summary>
/// <remarks>The factory's logger rethrows the exceptions of its providers. A test ensures that no type takes another logger.</remarks>
internal sealed class GuardedLogger<T> : ILogger<T>
{
    private readonly Func<ILogger> _create;

    // Two threads may create it at once: the factory gives both the same logger, or an equivalent one.
    private ILogger? _inner;

    /// <summary>The one constructor that the container sees. Users filter by the category, so no folder stands in it.</summary>
    public GuardedLogger(ILoggerFactory loggers)
        : this(() => loggers.CreateLogger("Mesh.Registry." + typeof(T).Name))
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
