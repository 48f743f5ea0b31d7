using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Primitives;

public sealed class MeshTimeTests
{
    private static readonly MeshTime[] InOrder =
        [MeshTime.LongAgo, new(-1), default, new(1), At(1), At(3_600), At(1e11), MeshTime.Never];

    [Fact]
    public void Difference_is_exact_in_both_directions()
    {
        Assert.Equal(Milliseconds(2_500), At(4) - At(1.5));
        Assert.Equal(-Milliseconds(2_500), At(1.5) - At(4));
        Assert.Equal(Microseconds(1), new MeshTime(8) - new MeshTime(7));
        Assert.Equal(TimeSpan.Zero, At(4) - At(4));
        Assert.Equal(Microseconds(-3_500_001), new MeshTime(-3_500_000) - new MeshTime(1));
    }

    [Fact]
    public void Difference_that_no_duration_can_hold_is_the_longest_one()
    {
        const long Longest = long.MaxValue / TimeSpan.TicksPerMicrosecond;
        Assert.Equal(new TimeSpan(Longest * TimeSpan.TicksPerMicrosecond), new MeshTime(Longest) - default(MeshTime));
        Assert.Equal(Duration.NoLimit, new MeshTime(Longest + 1) - default(MeshTime));
        Assert.Equal(new TimeSpan(-Longest * TimeSpan.TicksPerMicrosecond), default(MeshTime) - new MeshTime(Longest));
        Assert.Equal(TimeSpan.MinValue, default(MeshTime) - new MeshTime(Longest + 1));
    }

    [Fact]
    public void Difference_to_what_never_comes_has_no_limit()
    {
        Assert.Equal(Duration.NoLimit, MeshTime.Never - default(MeshTime));
        Assert.Equal(Duration.NoLimit, MeshTime.Never - At(1e9));
        Assert.Equal(Duration.NoLimit, MeshTime.Never - MeshTime.LongAgo);
        Assert.Equal(Duration.NoLimit, At(1) - MeshTime.LongAgo);
        Assert.Equal(TimeSpan.MinValue, At(1) - MeshTime.Never);
        Assert.Equal(TimeSpan.MinValue, MeshTime.LongAgo - At(1));
    }

    [Fact]
    public void Sum_cuts_off_what_is_less_than_a_microsecond()
    {
        Assert.Equal(At(3), At(1) + TimeSpan.FromSeconds(2));
        Assert.Equal(At(1), At(3) - TimeSpan.FromSeconds(2));
        Assert.Equal(new MeshTime(-1), default(MeshTime) - Microseconds(1));
        Assert.Equal(new MeshTime(1), default(MeshTime) + new TimeSpan(19));
        Assert.Equal(new MeshTime(-1), default(MeshTime) - new TimeSpan(19));
    }

    [Fact]
    public void Sum_with_no_limit_is_never()
    {
        Assert.Equal(MeshTime.Never, default(MeshTime) + Duration.NoLimit);
        Assert.Equal(MeshTime.Never, At(1e9) + Duration.Limit(Timeout.InfiniteTimeSpan));
        Assert.False((At(1e9) + Duration.Limit(TimeSpan.MaxValue - TimeSpan.FromMilliseconds(1))).IsNever);
    }

    [Fact]
    public void Never_and_long_ago_stay_what_they_are_whatever_is_added()
    {
        foreach (var duration in new[] { TimeSpan.MinValue, -Second, TimeSpan.Zero, Second, TimeSpan.MaxValue - Second })
        {
            Assert.Equal(MeshTime.Never, MeshTime.Never + duration);
            Assert.Equal(MeshTime.Never, MeshTime.Never - duration);
            Assert.Equal(MeshTime.LongAgo, MeshTime.LongAgo + duration);
            Assert.Equal(MeshTime.LongAgo, MeshTime.LongAgo - duration);
        }

        Assert.Equal([MeshTime.Never], InOrder.Where(time => time.IsNever));
    }

    [Fact]
    public void Order_is_that_of_time()
    {
        for (var i = 0; i < InOrder.Length; i++)
        {
            for (var j = 0; j < InOrder.Length; j++)
            {
                var (left, right) = (InOrder[i], InOrder[j]);
                Assert.Equal(i < j, left < right);
                Assert.Equal(i <= j, left <= right);
                Assert.Equal(i > j, left > right);
                Assert.Equal(i >= j, left >= right);
                Assert.Equal(i == j, left == right);
                Assert.Equal(i.CompareTo(j), left.CompareTo(right));
                Assert.Equal(InOrder[Math.Min(i, j)], MeshTime.Min(left, right));
                Assert.Equal(InOrder[Math.Max(i, j)], MeshTime.Max(left, right));
            }
        }
    }

    [Theory]
    [InlineData(0, 1u)]
    [InlineData(999, 1u)]
    [InlineData(2_000, 3u)]
    [InlineData(2_999, 3u)]
    [InlineData(3_000, 3u)]
    [InlineData(4_000, 5u)]
    [InlineData(4_294_967_295_999, 4_294_967_295u)]
    [InlineData(4_294_967_296_000, 1u)]
    public void Stamp_is_in_milliseconds_and_never_zero(long micros, uint expected) => Assert.Equal(expected, new MeshTime(micros).Stamp);

    [Theory]
    [InlineData(7, 3, 4)]
    [InlineData(3, 3, 0)]
    [InlineData(3, 5, 0)]
    [InlineData(1, 60_001, 0)]
    [InlineData(1, 60_003, 4_294_907_294)]
    [InlineData(5, 4_294_967_295, 6)]
    public void ElapsedMs_goes_over_the_wrap_and_forgives_a_stamp_that_is_ahead(uint stamp, uint earlier, uint expected) =>
        Assert.Equal(expected, MeshTime.ElapsedMs(stamp, earlier));

    [Fact]
    public void Read_and_Write_keep_the_time()
    {
        long field = 0;
        foreach (var time in InOrder)
        {
            MeshTime.Write(ref field, time);
            Assert.Equal(time, MeshTime.Read(ref field));
        }
    }
}
