using Mesh.Client.Outbound.Transport;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Transport;

/// <summary>When shared connections are given up.</summary>
public sealed class SilenceWatchTests
{
    private readonly SilenceWatch _watch = new();

    [Fact]
    public void TryReplace_one_request_that_timed_out_while_nothing_was_answered_is_enough()
    {
        _watch.Answered(At(10));

        Assert.True(_watch.TryReplace(At(11), At(12), timedOut: true));
    }

    [Fact]
    public void TryReplace_not_while_others_are_answered()
    {
        _watch.Answered(At(11));

        Assert.False(_watch.TryReplace(At(10), At(12), timedOut: true));
        Assert.False(_watch.TryReplace(At(11), At(12), timedOut: true));
        Assert.True(_watch.TryReplace(At(11) + Microseconds(1), At(12), timedOut: true));
    }

    [Fact]
    public void TryReplace_not_for_those_that_were_sent_before_the_last_time()
    {
        Assert.True(_watch.TryReplace(At(0), At(2), timedOut: true));
        Assert.False(_watch.TryReplace(At(1), At(60), timedOut: true));
        Assert.True(_watch.TryReplace(At(2), At(60), timedOut: true));
    }

    [Theory]
    [InlineData(0.999_999, false)]
    [InlineData(1, true)]
    public void TryReplace_a_caller_that_gives_up_says_something_only_if_it_waited(double seconds, bool replaced) =>
        Assert.Equal(replaced, _watch.TryReplace(At(5), At(5 + seconds), timedOut: false));

    [Fact]
    public void TryReplace_server_that_is_alive_but_slow_is_given_up_ever_more_rarely()
    {
        List<double> at = [];
        for (var now = At(1); now < At(600); now += Milliseconds(250))
        {
            if (_watch.TryReplace(now - Milliseconds(250), now, timedOut: true))
            {
                at.Add(Math.Floor((now - At(0)).TotalSeconds));
            }
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 62, 92], at.Take(8));
        Assert.Equal(24, at.Count);
    }

    [Fact]
    public void TryReplace_after_a_good_while_begins_anew()
    {
        for (var now = At(1); now < At(100); now += Second)
        {
            _watch.TryReplace(now - Microseconds(1), now, timedOut: true);
        }

        Assert.True(_watch.TryReplace(At(200), At(201), timedOut: true));
        Assert.True(_watch.TryReplace(At(201), At(202), timedOut: true));
    }

    /// <summary>Requests that were given up without an answer are what it learns from.</summary>
    [Theory]
    [InlineData("its time is over", 3.1, true)]
    [InlineData("its caller ends it", 2.9, true)]
    [InlineData("its caller ends it", 0.9, false)]
    public async Task Send_http2_request_without_an_answer_leaves_its_connections_when(string how, double seconds, bool replaced)
    {
        using var mesh = Fleet.Of(1, service => service.Timeout = TimeSpan.FromSeconds(3));
        mesh.All(Answers.Hang);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var call = SendAsync(mesh, caller.Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(seconds));
        if (how == "its caller ends it")
        {
            await caller.CancelAsync();
        }

        await call.Settle();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        mesh.All(Answers.Status(System.Net.HttpStatusCode.OK));
        (await SendAsync(mesh, TestContext.Current.CancellationToken)).Dispose();

        Assert.Equal(replaced ? 2 : 1, mesh.Network.Opened);
    }

    private static async Task<HttpResponseMessage> SendAsync(MeshFixture mesh, CancellationToken token)
    {
        using var request =
            new HttpRequestMessage(
                HttpMethod.Post, Fleet.Url)
            {
                Version = System.Net.HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact
            };
        return await mesh.Client.SendAsync(request, token);
    }
}
