using System.Collections.Immutable;

namespace Mesh.Client.Discovery;

/// <summary>The signals of all sources together: who needs news asks every source that polls.</summary>
internal sealed class SourceSignals
{
    private ImmutableArray<RefreshSignal> _signals = [];
    private Task? _answered;

    /// <summary>What is known of the sources that poll: of one that fails, or else of the one that was read the longest ago. Null while no
    /// source polls.</summary>
    public RegistryReading? Reading
    {
        get
        {
            RegistryReading? worst = null;
            foreach (var signal in _signals)
            {
                if (signal.Reading is { } reading && (worst is null || IsWorse(reading, worst)))
                {
                    worst = reading;
                }
            }

            return worst;
        }
    }

    /// <summary>Completes when the first usable answer of a server has been published. A snapshot, or the end of a source, does not
    /// complete it.</summary>
    public Task Answered => _answered ??= _signals.IsEmpty
        ? new TaskCompletionSource().Task
        : Task.WhenAny(_signals.Select(static signal => signal.Answered)).Unwrap();

    /// <summary>Adds a source, before the first one runs.</summary>
    public RefreshSignal Add()
    {
        var signal = new RefreshSignal();
        _signals = _signals.Add(signal);
        return signal;
    }

    /// <summary>Called with each attempt that has met something newer than the sources know. It only reads, unless it is the first to
    /// ask.</summary>
    public void Ask()
    {
        foreach (var signal in _signals)
        {
            signal.Ask();
        }
    }

    /// <summary>What the sources have said is not true any more, and calls fail by it.</summary>
    public void Need(TimeProvider time)
    {
        foreach (var signal in _signals)
        {
            signal.Need(time);
        }
    }

    /// <summary>Asks on behalf of a call that could continue with a newer answer.</summary>
    /// <returns>Completes with the answers of all that may have news. Null when waiting is useless.</returns>
    public Task? AskForAnswer(TimeProvider time)
    {
        if (_signals.Length == 1)
        {
            return _signals[0].AskForAnswer(time);
        }

        Task[] answers = [.. _signals.Select(signal => signal.AskForAnswer(time)).OfType<Task>()];
        return answers.Length == 0 ? null : Task.WhenAll(answers);
    }

    private static bool IsWorse(RegistryReading one, RegistryReading other) =>
        (one.Failure is not null, other.Failure is not null) switch
        {
            (true, false) => true,
            (false, true) => false,
            _ => (one.Good ?? long.MinValue) < (other.Good ?? long.MinValue),
        };
}
