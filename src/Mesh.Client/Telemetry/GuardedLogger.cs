using Microsoft.Extensions.Logging;

namespace Mesh.Client.Telemetry;

/// <summary>A logger that never throws. A provider that throws (a full disk) must neither fail a call nor
/// interrupt a change of state or a stop.</summary>
/// <remarks>The factory's logger throws on what its providers throw.</remarks>
internal sealed class GuardedLogger<T>(ILogger inner) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
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
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // What is broken is the log: there is nowhere to say so.
        }
    }
}
