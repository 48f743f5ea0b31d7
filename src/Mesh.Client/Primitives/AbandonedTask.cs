namespace Mesh.Client.Primitives;

/// <summary>A task of foreign code that may be abandoned before it ends.</summary>
internal static class AbandonedTask
{
    /// <summary>Observes a later failure: no caller awaits the task any more, and it must not become an unobserved exception of the
    /// process.</summary>
    public static void Watch(Task task)
    {
        if (!task.IsCompleted)
        {
            task.ContinueWith(
                static ended => _ = ended.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
