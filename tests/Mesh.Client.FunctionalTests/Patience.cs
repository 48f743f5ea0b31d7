namespace Mesh.Client.FunctionalTests;

/// <summary>Waits for what happens elsewhere. The limit is generous: it only ends a test that would hang.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Asks again and again; only for what gives no signal.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, $"Waited {Limit} in vain until {what}.");
            await timer.WaitForNextTickAsync(Token);
        }
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, $"Waited {Limit} in vain until {what}.");
            await timer.WaitForNextTickAsync(Token);
        }
    }

    /// <summary>Lets time pass where the passing of time is what is tested.</summary>
    public static Task PassAsync(TimeSpan time, CancellationToken cancellationToken) =>
        Task.Delay(time, TimeProvider.System, cancellationToken);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Limit, TimeProvider.System, Token);

    public static Task Soon(this Task task) => task.WaitAsync(Limit, TimeProvider.System, Token);
}
