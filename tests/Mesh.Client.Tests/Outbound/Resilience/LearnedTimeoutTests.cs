using Mesh.Client.Outbound.Resilience;

namespace Mesh.Client.Tests.Outbound.Resilience;

public sealed class LearnedTimeoutTests
{
    [Fact]
    public void Micros_nothing_is_known_before_100_answers()
    {
        var learned = new LearnedTimeout();
        for (var i = 0; i < 99; i++)
        {
            learned.Observe(1_000_000);
            Assert.Equal(long.MaxValue, learned.Micros);
        }

        learned.Observe(1_000_000);
        Assert.InRange(learned.Micros, 4_000_000, 4_500_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Micros_is_four_times_p99_within_a_bucket(int seed)
    {
        var random = new Random(seed);
        var learned = new LearnedTimeout();
        var values = new long[6400];
        for (var i = 0; i < values.Length; i++)
        {
            // From 0.1 s to 10 s, evenly by magnitude.
            values[i] = (long)(100_000 * Math.Pow(100, random.NextDouble()));
            learned.Observe(values[i]);
        }

        Array.Sort(values);
        var p99 = values[values.Length - (values.Length / 100) - 1];
        Assert.InRange(learned.Micros, 4 * p99, 4 * p99 * 9 / 8 + 4);
    }

    [Fact]
    public void Micros_never_below_a_quarter_second()
    {
        var learned = new LearnedTimeout();
        for (var i = 0; i < 1000; i++)
        {
            learned.Observe(i % 7);
        }

        Assert.Equal(250_000, learned.Micros);
    }

    [Fact]
    public void Micros_one_slow_answer_in_a_hundred_and_one_is_no_reason_to_wait_longer()
    {
        var learned = new LearnedTimeout();
        for (var i = 0; i < 6400; i++)
        {
            learned.Observe(i % 128 == 0 ? 9_000_000 : 1_000);
        }

        Assert.Equal(250_000, learned.Micros);
    }

    [Fact]
    public void ObserveTimeout_endpoints_that_hang_teach_to_wait_for_half_of_the_call_at_most()
    {
        var timeout = new LearnedTimeout();
        for (var i = 0; i < 200; i++)
        {
            timeout.Observe(100_000);
        }

        for (var i = 0; i < 1_000; i++)
        {
            timeout.ObserveTimeout(timeout.Micros, call: 10_000_000);
        }

        // It grows, and a bucket is an eighth wide at most.
        Assert.InRange(timeout.Micros, 4_500_000, 5_625_000);
    }

    [Fact]
    public void ObserveTimeout_answers_and_calls_without_limit_teach_more()
    {
        var timeout = new LearnedTimeout();
        for (var i = 0; i < 200; i++)
        {
            timeout.ObserveTimeout(3_000_000, call: 10_000_000);
            timeout.Observe(3_000_000);
        }

        Assert.InRange(timeout.Micros, 12_000_000, 13_500_000);

        timeout = new LearnedTimeout();
        for (var i = 0; i < 200; i++)
        {
            timeout.ObserveTimeout(20_000_000, call: long.MaxValue);
        }

        Assert.InRange(timeout.Micros, 80_000_000, 90_000_000);
    }

    [Fact]
    public void Micros_old_latencies_fade()
    {
        var learned = new LearnedTimeout();
        Observe(learned, 10_000, 2_000_000);
        Assert.InRange(learned.Micros, 8_000_000, 9_000_000);
        Observe(learned, 60_000, 1_000);
        Assert.Equal(250_000, learned.Micros);
        Observe(learned, 1_000, 2_000_000);
        Assert.InRange(learned.Micros, 8_000_000, 9_000_000);
    }

    [Fact]
    public void Observe_extreme_values_are_kept_in_range()
    {
        var learned = new LearnedTimeout();
        Observe(learned, 50, -5);
        Observe(learned, 50, long.MaxValue);
        Assert.InRange(learned.Micros, 4L << 38, 5L << 38);
    }

    private static void Observe(LearnedTimeout learned, int count, long micros)
    {
        for (var i = 0; i < count; i++)
        {
            learned.Observe(micros);
        }
    }
}
