namespace Mesh.Client.Primitives;

/// <summary>Waits for something, but not for ever.</summary>
internal static class Pause
{
    /// <param name="task">The task to wait for; its failure is left to its owner.</param>
    /// <param name="longest">The longest wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the task has ended.</returns>
    public static async Task<bool> ForAsync(Task task, TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        if (task.IsCompleted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return true;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(longest, time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return task.IsCompleted;
    }
}
