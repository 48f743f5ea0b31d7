using Mesh.Client.Limits;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Limits;

public sealed class RetryBudgetTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RetryBudget _budget;

    public RetryBudgetTests() => _budget = new RetryBudget(new MeshClock(_time));

    [Fact]
    public void TryWithdraw_new_process_has_ten() => Assert.Equal(10, Drain());

    [Fact]
    public void Deposit_a_fifth_of_first_attempts_gives_one_retry_for_five()
    {
        Drain();
        for (var i = 0; i < 4; i++)
        {
            _budget.Deposit(0.2);
            Assert.False(_budget.HasRoom);
        }

        _budget.Deposit(0.2);
        Assert.True(_budget.HasRoom);
        Assert.Equal(1, Drain());

        for (var i = 0; i < 200; i++)
        {
            _budget.Deposit(0.2);
        }

        Assert.Equal(40, Drain());
    }

    [Fact]
    public void TryWithdraw_without_traffic_gets_one_per_second()
    {
        Drain();
        _time.Advance(TimeSpan.FromSeconds(0.99));
        Assert.Equal(0, Drain());
        _time.Advance(TimeSpan.FromSeconds(0.01));
        Assert.Equal(0, Drain());
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, Drain());
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(5, Drain());
        _time.Advance(TimeSpan.FromHours(5));
        Assert.Equal(10, Drain());
    }

    [Fact]
    public void Deposit_is_capped_at_a_hundred()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _budget.Deposit(0.2);
        }

        Assert.Equal(100, Drain());
    }

    [Fact]
    public void Deposit_of_a_whole_token_is_capped_too()
    {
        for (var i = 0; i < 200; i++)
        {
            _budget.Deposit(1);
        }

        Assert.Equal(100, Drain());
    }

    [Fact]
    public void HasRoom_sees_what_time_has_earned()
    {
        Drain();
        Assert.False(_budget.HasRoom);
        _time.Advance(TimeSpan.FromSeconds(1.5));

        Assert.True(_budget.HasRoom);
    }

    [Fact]
    public void HasRoom_takes_nothing()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_budget.HasRoom);
        }

        Assert.Equal(10, Drain());
    }

    [Fact]
    public void TryWithdraw_closed_while_thirty_percent_of_attempts_fail()
    {
        for (var i = 0; i < 35; i++)
        {
            Assert.True(_budget.HasRoom);
            _budget.Record(failed: true);
        }

        // 1 - 0.99^36 is the first value above 0.3.
        _budget.Record(failed: true);
        Assert.InRange(_budget.FailureShare, 0.30, 0.31);
        Assert.False(_budget.TryWithdraw());

        _budget.Record(failed: false);
        _budget.Record(failed: false);
        Assert.InRange(_budget.FailureShare, 0.29, 0.30);
        Assert.Equal(10, Drain());
    }

    [Fact]
    public async Task TryWithdraw_from_many_threads_never_gives_more_than_there_is()
    {
        var given = 0;
        var tasks = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (_budget.TryWithdraw())
                {
                    Interlocked.Increment(ref given);
                }
            }
        }));
        await Task.WhenAll(tasks);
        Assert.Equal(10, given);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task TryWithdraw_last_tokens_are_given_to_as_many_of_the_two_who_come_at_once(int left)
    {
        const int Rounds = 2_000;
        var meeting = new Meeting();
        var budgets = Enumerable.Range(0, Rounds).Select(_ => new RetryBudget(new MeshClock(meeting))).ToArray();
        foreach (var budget in budgets)
        {
            for (var i = left; i < 10; i++)
            {
                Assert.True(budget.TryWithdraw());
            }
        }

        var given = new int[Rounds];
        meeting.Begin();
        var tasks = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Rounds; i++)
                {
                    if (budgets[i].TryWithdraw())
                    {
                        Interlocked.Increment(ref given[i]);
                    }
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        await Task.WhenAll(tasks);

        Assert.All(given, count => Assert.Equal(left, count));
    }

    [Fact]
    public void Promise_is_given_on_a_credit_of_ten_and_paid_back_before_the_next_retry()
    {
        while (_budget.TryWithdraw())
        {
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.True(_budget.TryPromise());
        }

        Assert.False(_budget.TryPromise());
        Assert.False(_budget.HasRoom);
        _budget.GiveBack();
        Assert.True(_budget.TryPromise());
        Assert.False(_budget.TryWithdraw());
    }

    [Fact]
    public void Borrow_is_paid_back_before_the_next_retry()
    {
        Drain();
        _budget.Borrow();
        _budget.Borrow();

        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(_budget.HasRoom);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, Drain());
    }

    private int Drain()
    {
        var count = 0;
        while (_budget.TryWithdraw())
        {
            count++;
        }

        return count;
    }

    /// <summary>A clock at which two threads wait for each other, right before the budget looks what it has: nearer together than any lock
    /// would wake them.</summary>
    private sealed class Meeting : TimeProvider
    {
        private bool _begun;
        private int _count;

        public void Begin() => _begun = true;

        public override long GetTimestamp()
        {
            if (!_begun)
            {
                return 0;
            }

            var place = Interlocked.Increment(ref _count);
            for (var turn = 0; Volatile.Read(ref _count) < place + (place % 2); turn++)
            {
                // Awake for long: whoever sleeps comes late.
                if (turn > 10_000)
                {
                    Thread.Yield();
                }
            }

            // The second is ahead by the time that the first takes to see it: that is made good, by more in one round and less in another.
            for (var lag = place % 2 == 0 ? place / 2 % 128 : 0; lag > 0; lag--)
            {
                Volatile.Read(ref _count);
            }

            return 0;
        }
    }
}
