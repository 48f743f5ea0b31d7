using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Resilience;

public sealed class LearnedTimeoutTests
{
    [Fact]
    public void Value_nothing_is_known_before_100_answers()
    {
        var learned = new LearnedTimeout();
        for (var i = 0; i < 99; i++)
        {
            learned.Observe(Milliseconds(1_000));
            Assert.Equal(Duration.NoLimit, learned.Value);
        }

        learned.Observe(Milliseconds(1_000));
        Assert.InRange(learned.Value, Milliseconds(4_000), Milliseconds(4_500));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Value_is_four_times_p99_within_a_bucket(int seed)
    {
        var random = new Random(seed);
        var learned = new LearnedTimeout();
        var values = new long[6400];
        for (var i = 0; i < values.Length; i++)
        {
            // From 0.1 s to 10 s, evenly by magnitude.
            values[i] = (long)(100_000 * Math.Pow(100, random.NextDouble()));
            learned.Observe(Microseconds(values[i]));
        }

        Array.Sort(values);
        var p99 = values[values.Length - (values.Length / 100) - 1];
        Assert.InRange(learned.Value, Microseconds(4 * p99), Microseconds(4 * p99 * 9 / 8 + 4));
    }

    [Fact]
    public void Value_never_below_a_quarter_second()
    {
        var learned = new LearnedTimeout();
        for (var i = 0; i < 1000; i++)
        {
            learned.Observe(Microseconds(i % 7));
        }

        Assert.Equal(Milliseconds(250), learned.Value);
    }

    [Fact]
    public void Value_one_slow_answer_in_a_hundred_and_one_is_no_reason_to_wait_longer()
    {
        var learned = new LearnedTimeout();
        for (var i = 0; i < 6400; i++)
        {
            learned.Observe(Milliseconds(i % 128 == 0 ? 9_000 : 1));
        }

        Assert.Equal(Milliseconds(250), learned.Value);
    }

    [Theory]
    [InlineData(1, 250)]
    [InlineData(2, 36_000)]
    public void Value_first_hundred_answers_with_one_slow_one_are_fast_and_with_two_are_not(int slow, int atLeastMs)
    {
        var learned = new LearnedTimeout();
        for (var i = 0; i < 100; i++)
        {
            learned.Observe(Milliseconds(i < slow ? 9_000 : 1));
        }

        Assert.InRange(learned.Value, Milliseconds(atLeastMs), Milliseconds(atLeastMs * 9 / 8));
    }

    [Fact]
    public void ObserveTimeout_endpoints_that_hang_teach_to_wait_for_a_quarter_of_the_call_at_most()
    {
        var timeout = new LearnedTimeout();
        for (var i = 0; i < 200; i++)
        {
            timeout.Observe(Milliseconds(100));
        }

        for (var i = 0; i < 1_000; i++)
        {
            timeout.ObserveTimeout(timeout.Value, call: 10 * Second);
        }

        // It grows, and a bucket is an eighth wide at most.
        Assert.InRange(timeout.Value, Milliseconds(2_250), Milliseconds(2_813));
    }

    [Fact]
    public void ObserveTimeout_answers_and_calls_without_limit_teach_more()
    {
        var timeout = new LearnedTimeout();
        for (var i = 0; i < 200; i++)
        {
            timeout.ObserveTimeout(3 * Second, call: 10 * Second);
            timeout.Observe(Milliseconds(3_000));
        }

        Assert.InRange(timeout.Value, Milliseconds(12_000), Milliseconds(13_500));

        timeout = new LearnedTimeout();
        for (var i = 0; i < 200; i++)
        {
            timeout.ObserveTimeout(20 * Second, call: Duration.NoLimit);
        }

        Assert.InRange(timeout.Value, Milliseconds(80_000), Milliseconds(90_000));
    }

    [Fact]
    public void Value_old_latencies_fade()
    {
        var learned = new LearnedTimeout();
        Observe(learned, 10_000, 2 * Second);
        Assert.InRange(learned.Value, Milliseconds(8_000), Milliseconds(9_000));
        Observe(learned, 60_000, Milliseconds(1));
        Assert.Equal(Milliseconds(250), learned.Value);
        Observe(learned, 1_000, 2 * Second);
        Assert.InRange(learned.Value, Milliseconds(8_000), Milliseconds(9_000));
    }

    [Fact]
    public void Observe_extreme_values_are_kept_in_range()
    {
        var learned = new LearnedTimeout();
        Observe(learned, 50, Microseconds(-5));
        Observe(learned, 50, Duration.NoLimit);
        Assert.InRange(learned.Value, Microseconds(4L << 38), Microseconds(5L << 38));
    }

    private static void Observe(LearnedTimeout learned, int count, TimeSpan elapsed)
    {
        for (var i = 0; i < count; i++)
        {
            learned.Observe(elapsed);
        }
    }

    /// <summary>Answers of 5 ms, and some that are slow.</summary>
    [Theory]
    [InlineData(0, 0, 10_000, 250)]
    [InlineData(3, 7_000, 10_000, 250)]
    [InlineData(3, 7_500, 10_000, 250)]
    [InlineData(3, 9_500, 10_000, null)]
    [InlineData(2, 9_500, 10_000, 250)]
    [InlineData(3, 7_000, 7_500, null)]
    [InlineData(3, 30_000, 10_000, null)]
    public void Of_leaves_enough_for_the_slowest_answers_or_does_not_cut(int slow, int latency, int remaining, int? expected)
    {
        var timeout = Slow(slow, latency);

        Assert.Equal(expected is { } value ? Milliseconds(value) : Duration.NoLimit, timeout.Of(Milliseconds(remaining)));
    }

    [Fact]
    public void Of_is_shortened_so_that_enough_is_left_for_the_slowest_answers()
    {
        var timeout = Slow(10, 2_000, quick: 64);
        Slow(timeout, 100, 1_000, quick: 6_400);

        Assert.InRange(timeout.Value, Milliseconds(4_000), Milliseconds(4_600));
        Assert.Equal(timeout.Value, timeout.Of(10 * Second));
        Assert.InRange(timeout.Of(6 * Second), Milliseconds(3_400), Milliseconds(3_750));
    }

    [Fact]
    public void Of_slow_answers_are_forgotten()
    {
        var timeout = Slow(5, 9_500);
        Assert.Equal(Duration.NoLimit, timeout.Of(10 * Second));

        Slow(timeout, 0, 0, quick: 20_000);

        Assert.Equal(Milliseconds(250), timeout.Of(10 * Second));
    }

    private static LearnedTimeout Slow(int slow, int latency, int quick = 6_400)
    {
        var timeout = new LearnedTimeout();
        Slow(timeout, slow, latency, quick);
        return timeout;
    }

    private static void Slow(LearnedTimeout timeout, int slow, int latency, int quick = 6_400)
    {
        for (var i = 0; i < quick; i++)
        {
            timeout.Observe(Milliseconds(i < slow ? latency : 5));
        }
    }
}
