namespace Mesh.Client.Primitives;

/// <summary>Waits for something, but not for ever.</summary>
internal static class Pause
{
    /// <param name="task">What is waited for; its failure is its owner's to see.</param>
    /// <param name="longest">Not longer than this.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it has ended.</returns>
    public static async Task<bool> ForAsync(Task task, TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(longest, time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return task.IsCompleted;
    }
}
