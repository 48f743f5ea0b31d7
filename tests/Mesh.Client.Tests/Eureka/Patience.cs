namespace Mesh.Client.Tests.Eureka;

/// <summary>Turns a hanging test into a failing one. No test that passes waits on it.</summary>
internal static class Patience
{
    public static async Task<T> For<T>(Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("Never came: " + what);
        }
    }

    public static Task For(Task task, string what) => For(Wrap(task), what);

    private static async Task<bool> Wrap(Task task)
    {
        await task;
        return true;
    }
}
