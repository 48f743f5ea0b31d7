namespace Mesh.Client.Discovery;

/// <summary>Signals that calls have met something newer than a source can know: a failed connection, a leaving endpoint, a name without
/// endpoints. Sources that poll then ask sooner, and report when they have.</summary>
/// <remarks>Not used by a call that succeeds. One for the process: however many services and calls find the same, it is signalled
/// once.</remarks>
internal sealed class RefreshSignal
{
    // A waiter writes the log; that must not happen on the thread that fetches.
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Round _next = new();
    private TaskCompletionSource? _underWay;

    // The fetch that was under way when news was needed last.
    private TaskCompletionSource? _old;

    // What was read before this time is known to be old.
    private long _outdated = long.MinValue;

    // Only the reader uses it.
    private Round? _answering;
    private RegistryReading? _reading;

    /// <summary>Completes when a refresh was requested since the last <see cref="Begin"/>.</summary>
    public Task Asked => Volatile.Read(ref _next).Asked.Task;

    /// <summary>Completes when one was needed since then: calls fail for the lack of it.</summary>
    public Task Needed => Volatile.Read(ref _next).Needed.Task;

    /// <summary>Completes when the first usable answer of a server has been published. A snapshot, or the end of the source, does not
    /// complete it.</summary>
    public Task Answered => _answered.Task;

    /// <summary>What is known of the registry; null while no source polls one.</summary>
    public RegistryReading? Reading => Volatile.Read(ref _reading);

    /// <summary>Called with each such attempt. It only reads, unless it is the first to ask.</summary>
    public void Ask() => Volatile.Read(ref _next).Ask();

    /// <summary>What the last answer has said is not true any more, and calls fail by it: however new it is, calls wait for the
    /// next.</summary>
    public void Need(TimeProvider time)
    {
        Interlocked.Exchange(ref _outdated, time.GetTimestamp());
        Volatile.Write(ref _old, Volatile.Read(ref _underWay));
        Volatile.Read(ref _next).Need();
    }

    /// <summary>Asks on behalf of a call that could continue with a newer answer.</summary>
    /// <returns>Completes with that answer, or with its failure. Null when waiting is useless: no source polls, the source cannot be
    /// reached, or its last answer is new.</returns>
    public Task? AskForAnswer(TimeProvider time)
    {
        if (Reading is not { } reading)
        {
            return null;
        }

        var next = Volatile.Read(ref _next);
        if (reading.Failure is not null || reading.IsFresh(time, Interlocked.Read(ref _outdated)))
        {
            next.Ask();
            return null;
        }

        // The fetch under way began late enough to be news, unless something was needed since.
        if (Volatile.Read(ref _underWay) is { } underWay && underWay != Volatile.Read(ref _old))
        {
            return underWay.Task;
        }

        next.Ask();
        return next.Answered.Task;
    }

    /// <summary>A fetch begins. It answers all requests made before, and none made from here on. For one reader.</summary>
    public void Begin()
    {
        Volatile.Write(ref _underWay, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var round = Volatile.Read(ref _next);
        if (round.Asked.Task.IsCompleted)
        {
            _answering = round;
            Volatile.Write(ref _next, new Round());
        }
    }

    /// <summary>The fetch has ended, and its result is published. For the same reader.</summary>
    public void End(RegistryReading reading)
    {
        Volatile.Write(ref _reading, reading);
        if (reading.Good is not null)
        {
            _answered.TrySetResult();
        }

        var underWay = Interlocked.Exchange(ref _underWay, null);
        underWay?.TrySetResult();
        _answering?.Answered.TrySetResult();
        _answering = null;
    }

    /// <summary>No source polls any more.</summary>
    public void Stop() => Volatile.Write(ref _reading, null);

    private sealed class Round
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Needed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Need()
        {
            Needed.TrySetResult();
            Ask();
        }

        public void Ask()
        {
            if (!Asked.Task.IsCompleted)
            {
                Asked.TrySetResult();
            }
        }
    }
}
