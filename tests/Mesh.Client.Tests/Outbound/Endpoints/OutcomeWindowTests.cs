using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Tests.Outbound.Endpoints;

public sealed class OutcomeWindowTests
{
    private const long Second = 1_000_000;

    private OutcomeWindow _window;

    [Theory]
    [InlineData(0)]
    [InlineData(1_234)]
    [InlineData(16_777_214)]
    public void Read_counts_the_last_five_seconds(long from)
    {
        for (var second = from; second < from + 20; second++)
        {
            _window.Count(second * Second, good: true);
            _window.Count((second * Second) + 500_000, good: true);
            _window.Count((second * Second) + 999_999, good: false);
            var seconds = (int)Math.Min(5, second - from + 1);
            Assert.Equal((2 * seconds, seconds), _window.Read((second * Second) + 999_999));
        }

        Assert.Equal((2, 1), _window.Read((from + 23) * Second));
        Assert.Equal((0, 0), _window.Read((from + 24) * Second));
    }

    [Fact]
    public void Read_after_a_long_silence_is_empty()
    {
        _window.Count(Second, good: false);
        Assert.Equal((0, 0), _window.Read(1_000 * Second));
        _window.Count(1_000 * Second, good: true);
        Assert.Equal((1, 0), _window.Read(1_000 * Second));
    }

    [Fact]
    public void Clear_forgets()
    {
        _window.Count(Second, good: false);
        _window.Clear();
        Assert.Equal((0, 0), _window.Read(Second));
    }

    [Fact]
    public void Count_more_than_fit_stays_full_and_touches_nothing_else()
    {
        for (var i = 0; i < 70_000; i++)
        {
            _window.Count(Second, good: false);
        }

        _window.Count(Second, good: true);
        Assert.Equal((1, 65_535), _window.Read(Second));
    }

    [Fact]
    public void Count_from_many_threads_loses_nothing()
    {
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                _window.Count(Second, good: i % 2 == 0);
            }
        });

        Assert.Equal((20_000, 20_000), _window.Read(Second));
    }
}
