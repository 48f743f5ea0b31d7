using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Eureka;

/// <summary>A fake clock that tells when code under test has begun to wait, so that a test advances it
/// neither too early nor by guesswork.</summary>
internal sealed class StepTimeProvider : FakeTimeProvider
{
    private readonly Channel<Wait> _waits = Channel.CreateUnbounded<Wait>();

    /// <summary>The waits that have begun and were not reached yet.</summary>
    public int Waits => _waits.Reader.Count;

    /// <summary>How far the wall clock has been set, forward or back; timers and time stamps do not notice.</summary>
    public TimeSpan Jump { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var wait = new Wait(base.CreateTimer(callback, state, dueTime, period), dueTime);
        _waits.Writer.TryWrite(wait);
        return wait;
    }

    /// <summary>Lets the code reach a wait of exactly this length, without ending it. Others,
    /// and waits that are over, are skipped.</summary>
    public async Task ReachWaitAsync(TimeSpan length)
    {
        Wait wait;
        do
        {
            wait = await Patience.For(_waits.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask(), $"a wait of {length}");
        }
        while (wait.Length != length || wait.Over);
    }

    /// <summary>Lets the code reach a wait of exactly this length and ends it.</summary>
    public async Task PassWaitAsync(TimeSpan length)
    {
        await ReachWaitAsync(length);
        Advance(length);
    }

    private sealed class Wait(ITimer timer, TimeSpan length) : ITimer
    {
        private volatile bool _over;

        public TimeSpan Length => length;

        public bool Over => _over;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            _over = true;
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            _over = true;
            return timer.DisposeAsync();
        }
    }
}
