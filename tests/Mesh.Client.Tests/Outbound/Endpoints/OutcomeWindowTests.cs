using Mesh.Client.Outbound.Endpoints;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Endpoints;

public sealed class OutcomeWindowTests
{
    private OutcomeWindow _window;

    [Theory]
    [InlineData(0)]
    [InlineData(1_234)]
    [InlineData(16_777_214)]
    public void Read_counts_the_last_five_seconds(long from)
    {
        for (var second = from; second < from + 20; second++)
        {
            _window.Count(At(second), good: true);
            _window.Count(At(second) + Milliseconds(500), good: true);
            _window.Count(At(second) + Microseconds(999_999), good: false);
            var seconds = (int)Math.Min(5, second - from + 1);
            Assert.Equal((2 * seconds, seconds), _window.Read(At(second) + Microseconds(999_999)));
        }

        Assert.Equal((2, 1), _window.Read(At(from + 23)));
        Assert.Equal((0, 0), _window.Read(At(from + 24)));
    }

    [Fact]
    public void Read_after_a_long_silence_is_empty()
    {
        _window.Count(At(1), good: false);
        Assert.Equal((0, 0), _window.Read(At(1_000)));
        _window.Count(At(1_000), good: true);
        Assert.Equal((1, 0), _window.Read(At(1_000)));
    }

    [Fact]
    public void Clear_forgets()
    {
        _window.Count(At(1), good: false);
        _window.Clear();
        Assert.Equal((0, 0), _window.Read(At(1)));
    }

    [Fact]
    public void Count_more_than_fit_stays_full_and_touches_nothing_else()
    {
        for (var i = 0; i < 70_000; i++)
        {
            _window.Count(At(1), good: false);
        }

        _window.Count(At(1), good: true);
        Assert.Equal((1, 65_535), _window.Read(At(1)));
    }

    [Fact]
    public void Count_from_many_threads_loses_nothing()
    {
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                _window.Count(At(1), good: i % 2 == 0);
            }
        });

        Assert.Equal((20_000, 20_000), _window.Read(At(1)));
    }
}
