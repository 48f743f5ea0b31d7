using Mesh.Client.Primitives;
using Mesh.Client.Tests.Eureka;

namespace Mesh.Client.Tests.Primitives;

public sealed class PauseTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly StepTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Nothing waits, so there is no timer either, not even for a moment.</summary>
    [Fact]
    public async Task ForAsync_task_has_ended_no_timer_is_started()
    {
        Assert.True(await Pause.ForAsync(Task.CompletedTask, Longest, _time, Token));

        Assert.Equal(0, _time.Waits);
    }

    [Fact]
    public async Task ForAsync_cancelled_throws_though_the_task_has_ended()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Pause.ForAsync(Task.CompletedTask, Longest, _time, new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ForAsync_waits_for_the_task_but_no_longer_than_told(bool ends)
    {
        var task = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wait = Pause.ForAsync(task.Task, Longest, _time, Token);
        await _time.ReachWaitAsync(Longest);
        Assert.False(wait.IsCompleted);

        if (ends)
        {
            task.SetResult();
        }
        else
        {
            _time.Advance(Longest);
        }

        Assert.Equal(ends, await Patience.For(wait, "the end of the wait"));
    }
}
