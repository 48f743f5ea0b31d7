using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Primitives;

public sealed class DurationTests
{
    [Fact]
    public void Limit_only_an_infinite_setting_is_none()
    {
        Assert.Equal(Duration.NoLimit, Duration.Limit(Timeout.InfiniteTimeSpan));
        Assert.Equal(Milliseconds(-2), Duration.Limit(Milliseconds(-2)));
        Assert.Equal(TimeSpan.Zero, Duration.Limit(TimeSpan.Zero));
        Assert.Equal(Second, Duration.Limit(Second));
    }

    [Fact]
    public void Min_and_Max_no_limit_is_longer_than_all_others()
    {
        Assert.Equal(Second, Duration.Min(Second, Duration.NoLimit));
        Assert.Equal(Second, Duration.Min(Duration.NoLimit, Second));
        Assert.Equal(Duration.NoLimit, Duration.Max(Second, Duration.NoLimit));
        Assert.Equal(TimeSpan.Zero, Duration.Max(TimeSpan.Zero, -Second));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_999)]
    [InlineData(16_777_217)]
    [InlineData(-1_999)]
    [InlineData(86_400_000_001)]
    public void Parts_are_those_of_whole_microseconds(long micros)
    {
        var duration = Microseconds(micros);
        Assert.Equal(micros, duration.WholeMicroseconds());
        Assert.Equal(micros / 1_000, duration.WholeMilliseconds());
        Assert.Equal(micros / 1_000f, duration.InMilliseconds());
        Assert.Equal(new MeshTime(micros / 2), default(MeshTime) + duration.Half());
    }
}
