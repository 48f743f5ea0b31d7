using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Two attempts of one call at the same time: what a feature that sends a call twice has to rely on.</summary>
public sealed class SideBySideTests
{
    private static readonly HttpRequestOptionsKey<string> Key = new("k");

    public static MatrixTheoryData<bool, bool, bool> Cases => new([false, true], [false, true], [false, true]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task SendAsync_two_attempts_of_a_call_the_first_answer_is_the_calls(bool firstWins, bool ownPrimary, bool watched)
    {
        var network = new Endpoints();
        using var primary = ownPrimary ? new RecordingHandler(network.Arrive) : null;
        using var mesh = Fleet.Of(2, primary: primary);
        mesh.All(network.Arrive);
        using var content = new CountingContent(watched);
        var message = MessageWith(content.Content);
        var pair = Pair.Of(mesh, message, Token);
        var (winner, loser) = firstWins ? (0, 1) : (1, 0);

        pair.Send();
        Assert.Equal(2, network.Seen.Count);
        Assert.Equal(2, pair.Attempts.Select(attempt => attempt.Endpoint).Distinct().Count());
        Assert.Equal(2, mesh.InFlight());
        await AssertFaithful(network.Seen, message, ownPrimary);

        // A body of some length, which the mesh follows to its end.
        network.Seen[winner].Answer(new TrackedContent("yes"));
        await pair.Flows[winner].Settle();
        using var response = pair.Take(winner);
        Assert.True(network.Seen[loser].Token.IsCancellationRequested);
        Assert.False(network.Seen[winner].Token.IsCancellationRequested);

        // The user has the answer, and the message as it was, while the other attempt still ends.
        Assert.Same(message, response.RequestMessage);
        Assert.Equal("x-a: 1, 2", message.Headers.ToString().Trim());
        Assert.Equal(new Uri(Fleet.Url + "a?b=c"), message.RequestUri);
        Assert.Same(content.Content, message.Content);
        Assert.False(MessagesUnderWay.IsUsed(message, mesh.Handler.Primary, except: null));
        Assert.Equal("yes", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(1, mesh.InFlight());
        Assert.Same(mesh.Catalog(), pair.Call.Service);

        network.Seen[loser].Fail(new OperationCanceledException(network.Seen[loser].Token));
        await pair.Flows[loser].Settle();
        Assert.Equal(CallOutcome.Canceled, pair.Attempts[loser].Result.Outcome);
        pair.Release(loser);

        // Another test may have it by now.
        Assert.NotSame(mesh.Catalog(), pair.Call.Service);
        Assert.Equal(0, mesh.InFlight());
        Assert.Equal(0, mesh.Failures());
        Assert.Equal(0, content.Disposed);
        message.Dispose();
        Assert.Equal(1, content.Disposed);
    }

    /// <summary>A transport may answer although its token was cancelled.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Release_answer_that_was_not_taken_is_disposed_of(int winner)
    {
        var network = new Endpoints();
        using var mesh = Fleet.Of(2);
        mesh.All(network.Arrive);
        using var message = MessageWith(content: null);
        var pair = Pair.Of(mesh, message, Token);
        var loser = 1 - winner;
        pair.Send();
        network.Seen[winner].Answer(new TrackedContent("yes"));
        await pair.Flows[winner].Settle();
        using var response = pair.Take(winner);

        var late = new TrackedContent("late");
        network.Seen[loser].Answer(late);
        await pair.Flows[loser].Settle();
        Assert.Equal(CallOutcome.Ok, pair.Attempts[loser].Result.Outcome);
        Assert.False(late.Disposed);
        pair.Release(loser);

        Assert.True(late.Disposed);
        Assert.Equal("yes", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(0, mesh.InFlight());
        Assert.Equal(0, mesh.Failures());
        Assert.NotSame(mesh.Catalog(), pair.Call.Service);
    }

    [Fact]
    public async Task Abandon_before_it_is_sent_ends_it_with_its_first_wait()
    {
        var network = new Endpoints();
        using var mesh = Fleet.Of(2);
        mesh.All((_, token) => Answers.Hang(null!, token));
        using var message = MessageWith(content: null);
        var pair = Pair.Of(mesh, message, Token);

        pair.Attempts[1].Abandon();
        pair.Send();
        await pair.Flows[1].Settle();

        Assert.Equal(CallOutcome.Canceled, pair.Attempts[1].Result.Outcome);
        Assert.False(pair.Flows[0].IsCompleted);
        pair.Attempts[0].Abandon();
        await pair.Flows[0].Settle();
        Assert.Equal(0, mesh.InFlight());
        pair.Release(0);
        pair.Release(1);
        Assert.Same(mesh.Catalog(), pair.Call.Service);
        pair.Call.Close();
        Assert.NotSame(mesh.Catalog(), pair.Call.Service);
    }

    /// <summary>Their failures are told together, and each endpoint gets what it has earned.</summary>
    [Fact]
    public async Task SendAsync_both_fail_the_call_knows_both()
    {
        var network = new Endpoints();
        using var mesh = Fleet.Of(2);
        mesh.All(network.Arrive);
        using var message = MessageWith(content: null);
        var pair = Pair.Of(mesh, message, Token);

        pair.Send();
        network.Seen[1].Fail(Answers.Broken());
        await pair.Flows[1].Settle();
        pair.Call.Take(pair.Attempts[1]);
        network.Seen[0].Fail(Answers.Broken());
        await pair.Flows[0].Settle();
        pair.Call.Take(pair.Attempts[0]);

        Assert.Equal(
            [pair.Attempts[1].Endpoint.Name, pair.Attempts[0].Endpoint.Name], pair.Call.Failures!.Select(failure => failure.Endpoint));
        Assert.Equal((CallOutcome.UpstreamReset, pair.Attempts[0].Endpoint), (pair.Call.Last.Outcome, pair.Call.LastEndpoint));
        Assert.Equal(2, mesh.Failures());
        Assert.Equal(0, mesh.InFlight());
        pair.Release(0);
        pair.Release(1);
        pair.Call.Close();
    }

    /// <summary>Two sendings of one stream would each send parts of it.</summary>
    [Fact]
    public async Task SendAsync_body_with_one_position_is_read_by_one_attempt_at_a_time()
    {
        var network = new Endpoints();
        using var mesh = Fleet.Of(2);
        mesh.All(network.Arrive);
        var reading = new TaskCompletionSource();
        using var content = new StreamContent(new HeldStream(reading.Task));
        using var message = MessageWith(content);
        var pair = Pair.Of(mesh, message, Token);
        pair.Send();

        var first = network.Seen[0].Request.Content!.CopyToAsync(Stream.Null, Token);
        await Assert.ThrowsAsync<HttpRequestException>(() => network.Seen[1].Request.Content!.CopyToAsync(Stream.Null, Token));
        reading.SetResult();
        await first;

        network.Seen[0].Answer(null);
        await pair.Flows[0].Settle();
        using var response = pair.Take(0);
        network.Seen[1].Fail(new OperationCanceledException());
        await pair.Flows[1].Settle();
        pair.Release(1);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>A later reader of the result must not see connections that the attempt was not sent on.</summary>
    [Fact]
    public async Task Take_names_the_connections_that_it_was_sent_on()
    {
        var network = new Endpoints();
        using var mesh = Fleet.Of(2);
        mesh.All(network.Arrive);
        using var message = MessageWith(content: null);
        var pair = Pair.Of(mesh, message, Token);
        pair.Send();
        var chosen = pair.Attempts[0].Transport;
        var changed = new MeshOptions
        {
            Services = { [Fleet.Name] = Fleet.Options(2, static service => service.ConnectTimeout = TimeSpan.FromSeconds(2)) },
        };
        mesh.Catalog().Apply(new MeshModel(changed, generation: 2).Of(Fleet.Name));
        Assert.NotSame(chosen, pair.Attempts[0].Endpoint.Transport);

        network.Seen[0].Answer(null);
        await pair.Flows[0].Settle();
        pair.Call.Take(pair.Attempts[0]);
        Assert.Same(chosen, pair.Call.LastTransport);

        network.Seen[1].Fail(new OperationCanceledException());
        await pair.Flows[1].Settle();
        pair.End();
    }

    [Fact]
    public async Task Take_leaves_another_request_on_the_answer()
    {
        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, "http://elsewhere/");
        using var primary = new RecordingHandler(
            (_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = elsewhere }));
        using var mesh = Fleet.Of(2, primary: primary);
        using var message = MessageWith(content: null);
        var pair = Pair.Of(mesh, message, Token);
        pair.Send();
        await Task.WhenAll(pair.Flows);

        pair.Call.Take(pair.Attempts[0]);

        Assert.Same(elsewhere, pair.Call.Last.Response!.RequestMessage);
        pair.End();
    }

    [Fact]
    public async Task Take_of_an_attempt_without_a_token_does_not_count_it()
    {
        using var mesh = Fleet.Of(2, static service => service.Credentials.Mode = CredentialMode.Propagate);
        using var message = MessageWith(content: null);
        var pair = Pair.Of(mesh, message, Token);
        pair.Send();
        await Task.WhenAll(pair.Flows);
        Assert.Equal(2, pair.Call.Attempts);

        pair.Call.Take(pair.Attempts[1]);

        Assert.Equal((CallOutcome.TokenFailure, 1), (pair.Call.Last.Outcome, pair.Call.Attempts));
        Assert.Equal(0, mesh.InFlight());
        pair.End();
    }

    /// <summary>They count as failures once, however many answers follow.</summary>
    [Fact]
    public void Take_of_an_answer_decides_the_attempts_that_were_cut_short()
    {
        using var mesh = Fleet.Of(2);
        using var message = MessageWith(content: null);
        var pair = Pair.Of(mesh, message, Token);
        foreach (var (i, attempt) in pair.Attempts.Index())
        {
            attempt.Enter(mesh.Endpoint(i + 1), mesh.Catalog().Clock.Now, trial: false);
            attempt.Lease.Abandon();
            (attempt.IsUndecided, attempt.HasAnswer, attempt.Waited) = (i == 0, i == 1, TimeSpan.FromSeconds(1 - (0.5 * i)));
        }

        pair.Call.Take(pair.Attempts[0]);
        Assert.NotNull(pair.Call.Cuts);
        pair.Call.Take(pair.Attempts[1]);

        Assert.Null(pair.Call.Cuts);
        pair.End();
    }

    [Fact]
    public void Release_answer_that_cannot_be_disposed_of_ends_the_call_all_the_same()
    {
        using var mesh = Fleet.Of(2);
        using var message = MessageWith(content: null);
        var pair = Pair.Of(mesh, message, Token);
        pair.Attempts[1].Result = new AttemptResult(new HttpResponseMessage { Content = new BrokenContent() }, CallOutcome.Ok);

        pair.End();

        Assert.NotSame(mesh.Catalog(), pair.Call.Service);
    }

    [Fact]
    public void Release_gives_back_the_retry_that_was_taken_for_it()
    {
        using var mesh = Fleet.Of(2);
        using var message = MessageWith(content: null);
        var pair = Pair.Of(mesh, message, Token);
        var budget = pair.Call.Target.Subset.Budget;
        while (budget.TryWithdraw())
        {
        }

        pair.Attempts[1].Promise(wanted: true);
        Assert.False(budget.HasRoom);

        pair.End();

        Assert.True(budget.TryWithdraw());
        Assert.False(budget.HasRoom);
    }

    private static async Task AssertFaithful(IReadOnlyList<Arrival> seen, HttpRequestMessage message, bool ownPrimary)
    {
        Assert.NotSame(seen[0].Request, seen[1].Request);
        foreach (var (i, arrival) in seen.Index())
        {
            var request = arrival.Request;
            Assert.NotSame(message, request);
            Assert.Equal(HttpMethod.Put, request.Method);
            Assert.Equal((HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact), (request.Version, request.VersionPolicy));
            Assert.Equal(["1", "2"], request.Headers.GetValues("x-a"));
            Assert.Equal("v", request.Options.TryGetValue(Key, out var value) ? value : null);
            Assert.Equal(ownPrimary ? arrival.Uri.Host : Fleet.Name, arrival.Uri.Host);
            Assert.Equal("/a?b=c", arrival.Uri.PathAndQuery);
            Assert.Equal("body", await request.Content!.ReadAsStringAsync(Token));
            Assert.Equal(i == 0, !request.Headers.Contains("mesh-attempt"));
        }
    }

    private static HttpRequestMessage MessageWith(HttpContent? content)
    {
        var message = new HttpRequestMessage(HttpMethod.Put, Fleet.Url + "a?b=c")
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        message.Headers.Add("x-a", ["1", "2"]);
        message.Options.Set(Key, "v");
        return message;
    }

    /// <summary>Requests as they have arrived.</summary>
    private sealed class Endpoints
    {
        private readonly ConcurrentQueue<Arrival> _seen = new();

        public IReadOnlyList<Arrival> Seen => [.. _seen];

        public Task<HttpResponseMessage> Arrive(HttpRequestMessage request, CancellationToken token)
        {
            var arrival = new Arrival(request, token);
            _seen.Enqueue(arrival);
            return arrival.Response;
        }
    }

    /// <summary>One of them; ends when it is told to, whatever its token says.</summary>
    private sealed class Arrival(HttpRequestMessage request, CancellationToken token)
    {
        private readonly TaskCompletionSource<HttpResponseMessage> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HttpRequestMessage Request => request;

        public CancellationToken Token => token;

        public Uri Uri { get; } = request.RequestUri!;

        public Task<HttpResponseMessage> Response => _response.Task;

        public void Answer(HttpContent? content) =>
            _response.SetResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content });

        public void Fail(Exception exception) => _response.SetException(exception);
    }

    /// <summary>A body in memory, sent as it is or watched, which knows how often it was disposed of.</summary>
    private sealed class CountingContent(bool watched) : IDisposable
    {
        public HttpContent Content { get; } = watched ? new Watched() : new ByteArrayContent("body"u8.ToArray());

        public int Disposed => Content is Watched content ? content.Disposals : IsDisposed(Content) ? 1 : 0;

        public void Dispose() => Content.Dispose();

        private static bool IsDisposed(HttpContent content)
        {
            try
            {
                using var stream = content.ReadAsStream();
                return false;
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }

        private sealed class Watched() : ByteArrayContent("body"u8.ToArray())
        {
            public int Disposals { get; private set; }

            protected override void Dispose(bool disposing)
            {
                Disposals++;
                base.Dispose(disposing);
            }
        }
    }

    private sealed class BrokenContent() : ByteArrayContent([])
    {
        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            throw new InvalidOperationException("broken");
        }
    }

    private sealed class HeldStream(Task held) : MemoryStream(new byte[10])
    {
        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            await held;
            await base.CopyToAsync(destination, bufferSize, cancellationToken);
        }
    }
}
