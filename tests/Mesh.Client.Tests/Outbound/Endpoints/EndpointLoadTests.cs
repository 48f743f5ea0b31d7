using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Endpoints;

public sealed class EndpointLoadTests
{
    private readonly EndpointLoad _load = new(At(0));

    [Fact]
    public void ObserveLatency_follows_slowly_in_a_row_and_at_once_after_a_pause()
    {
        _load.ObserveLatency(At(1), 100);
        Assert.Equal(100, _load.Latency);
        _load.ObserveLatency(At(1), 200);
        Assert.Equal(110, _load.Latency, 0.01);
        _load.ObserveLatency(At(100), 500);
        Assert.InRange(_load.Latency, 495, 500);
    }

    [Fact]
    public void ObserveLatency_good_answer_of_a_retest_overrules_and_a_bad_one_does_not()
    {
        _load.ObserveLatency(At(1), 100);
        _load.Chosen(suspect: true);
        _load.ObserveLatency(At(1), 200);
        Assert.Equal(110, _load.Latency, 0.01);
        _load.ObserveLatency(At(1), 10);
        Assert.Equal(10, _load.Latency, 0.01);
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(0, 5)]
    public void ObserveSuccess_of_one_that_had_failed_ends_the_growth_of_the_pauses(int failures, int expected)
    {
        // Slow alone: whether that is over, its latency says.
        _load.ObserveFailure(At(1), overloaded: false);
        for (var i = 0; i < 60 && failures == 0; i++)
        {
            _load.ObserveSuccess(At(1));
        }

        for (var i = 0; i < failures; i++)
        {
            _load.ObserveFailure(At(1), overloaded: false);
        }

        for (var i = 0; i < 5; i++)
        {
            _load.Chosen(suspect: true);
        }

        _load.ObserveSuccess(At(2));

        Assert.Equal(expected, _load.Retests);
    }

    [Fact]
    public void ObserveAtLeast_counts_only_when_it_is_longer_and_never_first()
    {
        _load.ObserveAtLeast(At(1), 1);
        Assert.False(_load.HasLatency);
        _load.ObserveLatency(At(1), 100);
        _load.ObserveAtLeast(At(1), 50);
        Assert.Equal(100, _load.Latency);
        _load.ObserveAtLeast(At(1), 200);
        Assert.Equal(130, _load.Latency, 0.01);
    }

    [Fact]
    public void ObserveSilence_may_be_the_first_if_it_was_one()
    {
        _load.ObserveSilence(At(1), 99);
        Assert.False(_load.HasLatency);
        _load.ObserveSilence(At(1), 100);
        Assert.Equal(100, _load.Latency);
        _load.ObserveSilence(At(1), 50);
        Assert.Equal(100, _load.Latency);
        _load.ObserveSilence(At(1), 200);
        Assert.Equal(130, _load.Latency, 0.01);
    }

    [Fact]
    public void Success_halves_with_each_failure_and_comes_back_with_successes_and_idle_time()
    {
        Assert.Equal(1f, _load.Success(At(1)));
        _load.ObserveFailure(At(1), overloaded: false);
        Assert.Equal(0.5f, _load.Success(At(1)), 0.001);
        _load.ObserveFailure(At(1), overloaded: true);
        Assert.Equal(0.4f, _load.Success(At(1)), 0.001);
        _load.ObserveSuccess(At(1));
        Assert.Equal(0.46f, _load.Success(At(1)), 0.001);
        Assert.InRange(_load.Success(At(6)), 0.55f, 0.65f);
        Assert.InRange(_load.Success(At(1000)), 0.72f, 0.731f);
        for (var i = 0; i < 100; i++)
        {
            _load.ObserveSuccess(At(1));
        }

        Assert.Equal(1f, _load.Success(At(1)));
    }

    [Fact]
    public void Success_read_with_an_older_clock_than_the_failure_is_not_taken_for_long_idle()
    {
        // Another thread was faster: its stamp is ahead of the time this one read.
        _load.ObserveFailure(At(2), overloaded: false);
        Assert.Equal(0.5f, _load.Success(At(2) - Milliseconds(5)), 0.001);
        _load.ObserveLatency(At(2), 100);
        _load.ObserveLatency(At(2) - Milliseconds(5), 200);
        Assert.Equal(110, _load.Latency, 0.01);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(49)]
    public void SinceJudged_of_one_that_never_failed_is_long_however_old_the_process_is(int days)
    {
        var load = new EndpointLoad(At(0));
        var now = At(days * 24 * 3_600);
        Assert.InRange(load.SinceJudged(now.Stamp), 3_600_000u, uint.MaxValue);
    }

    [Fact]
    public void Stamps_wrap_after_49_days_without_a_jump()
    {
        var wrap = new MeshTime((1L << 32) * 1000) - Milliseconds(100);
        _load.ObserveFailure(wrap, overloaded: false);
        Assert.InRange(_load.Success(wrap + Milliseconds(200)), 0.5f, 0.52f);
        Assert.InRange(_load.Success(wrap + (5 * Second)), 0.6f, 0.7f);
    }

    /// <summary>A stream of events may last for hours; its endpoint is no slower for it.</summary>
    [Fact]
    public void MeanAge_does_not_count_a_body_that_goes_on()
    {
        _load.Enter(At(0));
        _load.Answered(At(0), At(0), openEnded: false);
        Assert.Equal(1, _load.InFlight);
        Assert.Equal(0, _load.MeanAge(At(3_600)));
        _load.Enter(At(3_598));
        Assert.Equal(2000, _load.MeanAge(At(3_600)), 0.5);
        _load.ExitAnswered(At(0), openEnded: false);
        Assert.Equal(2000, _load.MeanAge(At(3_600)), 0.5);
        _load.Exit(At(3_598));
        Assert.Equal(0, _load.InFlight);
    }

    [Theory]
    [InlineData(1, 30, true, 0)]
    [InlineData(30, 30, true, 0)]
    [InlineData(300, 86_400, true, 0)]
    [InlineData(300, 10, true, 3)]
    [InlineData(30, 3, true, 3)]
    [InlineData(30, 1, true, 15)]
    [InlineData(30, 0, true, 30)]
    [InlineData(30, 30, false, 30)]
    public void Busy_does_not_count_open_ended_streams_that_have_lasted(int streams, int seconds, bool openEnded, int expected)
    {
        // A start that fits no 32 bits.
        var answered = At(50_000_000);
        for (var i = 0; i < streams; i++)
        {
            _load.Enter(answered);
            _load.Answered(answered, answered, openEnded);
        }

        var now = answered + (seconds * Second);
        _load.Enter(now);
        Assert.InRange(_load.Busy(now), expected, expected + 2);
        Assert.Equal(streams + 1, _load.InFlight);
        Assert.Equal(openEnded ? streams : 0, _load.OpenEnded);

        for (var i = 0; i < streams; i++)
        {
            _load.ExitAnswered(answered, openEnded);
        }

        Assert.Equal(1, _load.Busy(now));
        Assert.Equal(0, _load.OpenEnded);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(86_400)]
    public void Busy_counts_a_young_stream_also_after_others_have_ended(int seconds)
    {
        var answered = At(50_000_000);
        for (var i = 0; i < 30; i++)
        {
            _load.Enter(answered);
            _load.Answered(answered, answered, openEnded: true);
            _load.ExitAnswered(answered, openEnded: true);
        }

        var now = answered + (seconds * Second);
        _load.Enter(now);
        _load.Answered(now, now, openEnded: true);

        Assert.Equal(1, _load.Busy(now));
        Assert.Equal(0, _load.Busy(now + (30 * Second)));
    }

    [Fact]
    public void MeanAge_is_that_of_the_requests_in_flight()
    {
        _load.Enter(At(1));
        _load.Enter(At(2));
        Assert.Equal(2, _load.InFlight);
        Assert.Equal(2500, _load.MeanAge(At(4)), 0.5);
        _load.Exit(At(1));
        Assert.Equal(2000, _load.MeanAge(At(4)), 0.5);
        Assert.Equal(0, _load.MeanAge(At(1)));
    }

    [Fact]
    public void ReportedQueue_is_the_last_report_while_fresh_and_the_mean_later()
    {
        Assert.False(_load.Reports);
        Assert.Equal(-1, _load.ReportedQueue(At(1).Stamp));

        _load.ObserveReport(At(1), new LoadReport(10, 7));
        _load.ObserveReport(At(1), new LoadReport(0, 8));

        Assert.True(_load.Reports);
        Assert.Equal(8, _load.ServiceTime);
        Assert.Equal(0, _load.ReportedQueue(At(1).Stamp));
        Assert.InRange(_load.ReportedQueue((At(1) + Milliseconds(50)).Stamp), 3, 6);
        Assert.Equal(8, _load.ReportedQueue(At(100).Stamp), 0.1);
    }

    [Fact]
    public void ForgetReport_of_a_server_that_no_longer_says_anything()
    {
        _load.ObserveReport(At(1), new LoadReport(10, 7));
        _load.ForgetReport();
        Assert.Equal(-1, _load.ReportedQueue(At(1).Stamp));

        // It starts anew, without the old mean.
        _load.ObserveReport(At(2), new LoadReport(2, 7));
        Assert.Equal(2, _load.ReportedQueue(At(100).Stamp), 0.1);
    }

    [Fact]
    public void ObserveReport_keeps_the_greatest_values_in_bounds()
    {
        for (var i = 0; i < 100; i++)
        {
            _load.ObserveReport(At(1), new LoadReport(LoadReport.MaxInFlight, LoadReport.MaxMs));
        }

        Assert.Equal(LoadReport.MaxInFlight, _load.ReportedQueue(At(1).Stamp));
        Assert.InRange(_load.ReportedQueue(At(100).Stamp), 4000, LoadReport.MaxInFlight);
    }

    [Fact]
    public void Decay_is_one_at_zero_and_falls()
    {
        Assert.Equal(1f, EndpointLoad.Decay(0));
        var last = 1f;
        for (var x = 0.1f; x < 100; x += 0.1f)
        {
            var value = EndpointLoad.Decay(x);
            Assert.True(value < last && value > 0);
            last = value;
        }
    }
}
