namespace Mesh.Client.Discovery;

/// <summary>Calls have met what a source cannot know yet: a connection that fails, an endpoint that leaves. Sources that poll ask sooner for it.</summary>
/// <remarks>Nothing on the path of a call that succeeds. One for the process, so that however many services and calls find the same, it is said once.</remarks>
internal sealed class RefreshSignal
{
    private TaskCompletionSource _asked = Create();

    /// <summary>Completes when somebody has asked since the last <see cref="Begin"/>.</summary>
    public Task Asked => Volatile.Read(ref _asked).Task;

    /// <summary>Called with each such attempt: a read, unless nobody has asked yet.</summary>
    public void Ask()
    {
        var asked = Volatile.Read(ref _asked);
        if (!asked.Task.IsCompleted)
        {
            asked.TrySetResult();
        }
    }

    /// <summary>A fetch begins: it answers all who have asked, and nobody who asks from here on. For one reader.</summary>
    public void Begin()
    {
        if (Volatile.Read(ref _asked).Task.IsCompleted)
        {
            Volatile.Write(ref _asked, Create());
        }
    }

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
