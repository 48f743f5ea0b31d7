namespace Mesh.Client.Discovery;

/// <summary>Calls have met what a source cannot know yet: a connection that fails, an endpoint that leaves, a name without endpoint.
/// Sources that poll ask sooner for it, and say when they have.</summary>
/// <remarks>Nothing on the path of a call that succeeds. One for the process, so that however many services and
/// calls find the same, it is said once.</remarks>
internal sealed class RefreshSignal
{
    // Whoever waits for it writes the log: not on the thread that fetches.
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Round _next = new();
    private TaskCompletionSource? _underWay;

    // Only the reader uses it.
    private Round? _answering;
    private RegistryReading? _reading;

    /// <summary>Completes when a refresh was requested since the last <see cref="Begin"/>.</summary>
    public Task Asked => Volatile.Read(ref _next).Asked.Task;

    /// <summary>Completes with the first usable answer of a server, when what it told is published: not with a snapshot, and not
    /// because the source ends.</summary>
    public Task Answered => _answered.Task;

    /// <summary>What is known of the registry; null while no source polls one.</summary>
    public RegistryReading? Reading => Volatile.Read(ref _reading);

    /// <summary>Called with each such attempt: a read, unless this is the first to ask.</summary>
    public void Ask() => Volatile.Read(ref _next).Ask();

    /// <summary>Asks, for a call that could go on with a newer answer.</summary>
    /// <returns>Completes with that answer, or with its failure; null when there is nothing to wait for, because no source polls, because
    /// it cannot be reached, or because its last answer is new.</returns>
    public Task? AskForAnswer(TimeProvider time)
    {
        if (Reading is not { } reading)
        {
            return null;
        }

        var next = Volatile.Read(ref _next);
        if (reading.Failure is not null || reading.IsFresh(time))
        {
            next.Ask();
            return null;
        }

        // What is on its way began late enough to be news.
        if (Volatile.Read(ref _underWay) is { } underWay)
        {
            return underWay.Task;
        }

        next.Ask();
        return next.Answered.Task;
    }

    /// <summary>A fetch begins: it answers all that have asked, and none that asks from here on. For one reader.</summary>
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

    /// <summary>The fetch has ended, and what it told is published. For the same reader.</summary>
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

        public void Ask()
        {
            if (!Asked.Task.IsCompleted)
            {
                Asked.TrySetResult();
            }
        }
    }
}
