using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Eureka;

/// <summary>A fake clock that tells when code under test has begun to wait, so that a test advances it neither too early nor by guesswork.</summary>
internal sealed class StepTimeProvider : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Lets the code reach a wait of exactly this length, skipping others (request timeouts), without ending it.</summary>
    public async Task ReachWaitAsync(TimeSpan length)
    {
        while (await Patience.For(_waits.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask(), $"a wait of {length}") != length)
        {
        }
    }

    /// <summary>Lets the code reach a wait of exactly this length and ends it.</summary>
    public async Task PassWaitAsync(TimeSpan length)
    {
        await ReachWaitAsync(length);
        Advance(length);
    }
}
