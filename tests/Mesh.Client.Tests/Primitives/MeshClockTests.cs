using Mesh.Client.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Primitives;

public sealed class MeshClockTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void UtcTicksAt_goes_with_the_clock_and_follows_a_corrected_time_of_day_within_a_second()
    {
        var source = new CorrectedTime(_time);
        var clock = new MeshClock(source);
        var start = _time.GetUtcNow();
        Assert.Equal(start.UtcTicks, clock.UtcTicksAt(clock.Now));

        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(start.AddMilliseconds(999).UtcTicks, clock.UtcTicksAt(clock.Now));
        Assert.Equal(1, source.Asked);

        // An attempt that began before another one asked.
        var earlier = clock.Now;
        source.Correction = TimeSpan.FromHours(1);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(start.AddHours(1).AddSeconds(1).UtcTicks, clock.UtcTicksAt(clock.Now));
        Assert.Equal(start.AddHours(1).AddMilliseconds(999).UtcTicks, clock.UtcTicksAt(earlier));
        Assert.Equal(2, source.Asked);
    }

    private sealed class CorrectedTime(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Correction { get; set; }

        public int Asked { get; private set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow()
        {
            Asked++;
            return inner.GetUtcNow() + Correction;
        }
    }
}
