using System.Net;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Which sources of cancellation serve a second attempt.</summary>
public sealed class AttemptCancellationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Rent_token_that_leaves_our_hands_never_becomes_another_attempts()
    {
        using var caller = new CancellationTokenSource();
        var kept = new List<CancellationToken>();
        for (var i = 0; i < 20; i++)
        {
            var attempt = AttemptCancellation.Rent(TimeProvider.System, Duration.NoLimit, CancellationToken.None, leavesOurHands: true);
            kept.Add(attempt.Token);
            attempt.Return();
        }

        var next = Enumerable.Range(0, 300)
            .Select(_ => AttemptCancellation.Rent(TimeProvider.System, Duration.NoLimit, caller.Token))
            .ToList();
        caller.Cancel();

        Assert.DoesNotContain(kept, token => token.IsCancellationRequested);
        next.ForEach(attempt => attempt.Return());
    }

    /// <summary>Another flow may give such an attempt up, even when it has just ended.</summary>
    [Fact]
    public void EndTime_of_an_attempt_beside_others_its_source_serves_no_other()
    {
        using var mesh = Fleet.Of(2);
        using var message = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        var pair = Pair.Of(mesh, message, CancellationToken.None);
        var kept = pair.Attempts[1].BeginTime(TimeProvider.System, Duration.NoLimit);
        pair.Attempts[1].EndTime();

        var next = Enumerable.Range(0, 300)
            .Select(_ => AttemptCancellation.Rent(TimeProvider.System, Duration.NoLimit, CancellationToken.None))
            .ToList();

        Assert.DoesNotContain(kept, next);
        next.ForEach(attempt => attempt.Return());
        pair.End();
    }

    [Fact]
    public async Task Return_as_long_as_the_callers_callback_may_come_the_source_serves_no_other()
    {
        using var caller = new CancellationTokenSource();
        var attempt = AttemptCancellation.Rent(TimeProvider.System, Duration.NoLimit, caller.Token);
        var again = new List<AttemptCancellation>();

        // Callbacks run in reverse order: this one while that of the attempt is still to come.
        using var first = caller.Token.Register(() =>
        {
            attempt.Return();
            again.AddRange(Enumerable.Range(0, 300)
                .Select(_ => AttemptCancellation.Rent(TimeProvider.System, Duration.NoLimit, CancellationToken.None)));
        });
        await caller.CancelAsync();

        Assert.NotEmpty(again);
        Assert.DoesNotContain(attempt, again);
        Assert.DoesNotContain(again, other => other.IsCancelled);
        again.ForEach(other => other.Return());
    }

    [Fact]
    public void Return_and_rent_gives_what_a_new_one_is()
    {
        using var caller = new CancellationTokenSource();
        var attempt = AttemptCancellation.Rent(TimeProvider.System, TimeSpan.FromSeconds(1_000), caller.Token);
        attempt.Return();

        var next = AttemptCancellation.Rent(TimeProvider.System, Duration.NoLimit, CancellationToken.None);
        caller.Cancel();

        Assert.False(next.IsCancelled);
        Assert.Null(next.Upload);
        next.Return();
    }

    [Fact]
    public async Task Send_own_primary_may_keep_its_token()
    {
        var kept = new List<CancellationToken>();
        using var primary = new RecordingHandler((_, token) =>
        {
            kept.Add(token);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });
        using var mesh = OnTheRealClock(primary);

        for (var i = 0; i < 5; i++)
        {
            (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        }

        Assert.Equal(5, kept.Distinct().Count());
    }

    [Fact]
    public async Task Send_body_of_the_users_may_keep_its_token()
    {
        using var mesh = OnTheRealClock();
        var kept = new List<CancellationToken>();
        mesh.All(async (request, token) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, token);
            kept.Add(token);
            return new HttpResponseMessage(HttpStatusCode.OK);
        });

        for (var i = 0; i < 5; i++)
        {
            (await mesh.Client.PostAsync(Fleet.Url, new Writing(_ => Task.CompletedTask), Token)).Dispose();
        }

        Assert.Equal(5, kept.Distinct().Count());
    }

    /// <summary>Sources are used again only there.</summary>
    private static MeshFixture OnTheRealClock(HttpMessageHandler? primary = null) =>
        new(
            options => options.Services[Fleet.Name] = Fleet.Options(1),
            services => services.AddKeyedSingleton(OwnClockAttribute.Name, TimeProvider.System),
            primary);

    /// <summary>On the thread of a timer it would end the process.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cancel_what_a_registration_of_the_users_throws_stays_inside(bool byTime)
    {
        var time = new FakeTimeProvider();
        var attempt = AttemptCancellation.Rent(time, TimeSpan.FromSeconds(1), CancellationToken.None, leavesOurHands: true);
        using var registration = attempt.Token.Register(static () => throw new InvalidOperationException("The handler's own."));

        if (byTime)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }
        else
        {
            attempt.Cancel();
        }

        Assert.True(attempt.IsCancelled);
        attempt.Return();
    }
}
