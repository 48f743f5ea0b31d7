using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests;

/// <summary>A logger on a full disk; as a provider, for the categories below a name.</summary>
/// <param name="category">The categories that throw.</param>
/// <param name="isEnabled">Whether it can at least say that it listens.</param>
/// <param name="creates">Whether it can at least create loggers.</param>
internal sealed class ThrowingLogger(string category = "", bool isEnabled = true, bool creates = true) : ILogger, ILoggerProvider
{
    private int _thrown;

    /// <summary>Of what it throws; no other one throws the same.</summary>
    public string Message { get; } = $"No space left on device ({Guid.NewGuid()}).";

    /// <summary>Whether the disk is full.</summary>
    public bool IsFull { get; set; } = true;

    public int Thrown => Volatile.Read(ref _thrown);

    public ILogger CreateLogger(string categoryName) =>
        !categoryName.StartsWith(category, StringComparison.Ordinal) ? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance
        : creates || Throw() ? this
        : null!;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => isEnabled || Throw();

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Throw();

    public void Dispose()
    {
    }

    private bool Throw()
    {
        if (!IsFull)
        {
            return true;
        }

        Interlocked.Increment(ref _thrown);
        throw new IOException(Message);
    }
}
