using System.Net;
using System.Threading.Channels;
using Mesh.Client.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>While a large body moves, the time of the call runs from its last progress.</summary>
public sealed class UploadTimeTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Channel<byte[]> _parts = Channel.CreateUnbounded<byte[]>();

    private readonly SemaphoreSlim _accepted = new(0);
    private readonly TaskCompletionSource _taken = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _accepted.Dispose();

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.NotFound)]
    public async Task Send_upload_that_moves_is_not_cut_and_its_answer_has_the_time_from_its_end(
        bool ownPrimary, HttpStatusCode status)
    {
        var answer = new TaskCompletionSource();
        async Task<HttpResponseMessage> Take(HttpRequestMessage request, CancellationToken token)
        {
            await request.Content!.CopyToAsync(Stream.Null, token);
            _taken.SetResult();
            await answer.Task.WaitAsync(token);
            return new HttpResponseMessage(status) { Content = new StreamContent(new ForwardOnlyStream([])) };
        }

        using var primary = new RecordingHandler(Take);
        using var mesh = Fleet.Of(1, s => s.Timeout = 10 * Second, ownPrimary ? primary : null);
        mesh.All(Take);

        var call = mesh.Client.PostAsync(Fleet.Url, Body(), Token);
        for (var i = 0; i < 20; i++)
        {
            await PassAsync(mesh, 9);
            await SendAsync([1]);
        }

        _parts.Writer.Complete();
        await _taken.Task;
        await PassAsync(mesh, 9.9);
        Assert.False(call.IsCompleted);
        answer.SetResult();
        await call.Settle();

        Assert.Equal(status, (await call).StatusCode);
        Assert.Equal(0, mesh.InFlight());

        // The endpoint was waited for since the end of the body.
        Assert.InRange(mesh.Endpoint(1).Load.Latency, 9_000, 10_500);
    }

    [Fact]
    public async Task Send_no_answer_after_the_body_is_the_endpoints_timeout()
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = 10 * Second);
        mesh.All(async (request, token) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, token);
            _taken.SetResult();
            return await Answers.Hang(request, token);
        });

        var call = mesh.Client.PostAsync(Fleet.Url, Body(), Token);
        await PassAsync(mesh, 8);
        await SendAsync([1]);
        _parts.Writer.Complete();
        await _taken.Task;
        await PassAsync(mesh, 9.9);
        Assert.False(call.IsCompleted);
        await PassAsync(mesh, 0.2);
        await call.Settle();

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Contains("since the last progress of its body", exception.Message, StringComparison.Ordinal);
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_endpoint_that_takes_no_more_is_left_after_the_timeout(bool deaf)
    {
        var stuck = new Stuck(after: 1);
        using var mesh = Fleet.Of(1, s => s.Timeout = 10 * Second);
        mesh.All(async (request, token) =>
        {
            if (deaf)
            {
                // As on HTTP/2: the attempt ends while the write is still under way.
                _ = request.Content!.CopyToAsync(stuck, CancellationToken.None);
                return await Answers.Hang(request, token);
            }

            await request.Content!.CopyToAsync(stuck, token);
            return new HttpResponseMessage(HttpStatusCode.OK);
        });

        var call = mesh.Client.PostAsync(Fleet.Url, Body(), Token);
        await PassAsync(mesh, 8);
        await SendAsync([1]);
        await _parts.Writer.WriteAsync([2], Token);
        await stuck.Reached.WaitAsync(Token);
        await PassAsync(mesh, 10.1);
        await call.Settle();

        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_body_that_pauses_for_too_long_is_cut_and_blames_nobody()
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = 10 * Second);
        mesh.All(TakeAsync);
        using var outcomes = new MetricCollector<long>(
            mesh.Provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "Mesh.Client", "mesh.client.attempts");

        var call = mesh.Client.PutAsync(Fleet.Url, Body(), Token);
        await PassAsync(mesh, 8);
        await SendAsync([1]);
        await PassAsync(mesh, 10.1);
        await call.Settle();

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Contains("its own request body had paused", exception.Message, StringComparison.Ordinal);
        Assert.Contains("local_error", Assert.Single(outcomes.Lines()), StringComparison.Ordinal);
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>A body that does not look at its token goes on when the time is over, and only then fails: at a connection that is closed
    /// by then.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_body_that_pauses_and_ignores_its_token_blames_nobody(bool writesAfterwards)
    {
        static async Task<HttpResponseMessage> Take(HttpRequestMessage request, CancellationToken token)
        {
            await request.Content!.CopyToAsync(new ClosingStream(token), CancellationToken.None);
            token.ThrowIfCancellationRequested();
            return new HttpResponseMessage();
        }

        using var mesh = Fleet.Of(2, static s => s.Timeout = 2 * Second);
        mesh.All(Take);
        for (var i = 0; i < 5; i++)
        {
            var goOn = new TaskCompletionSource();
            var call = mesh.Client.PostAsync(Fleet.Url, new StubbornContent(goOn.Task, writesAfterwards), Token);
            await PassAsync(mesh, 2.1);
            goOn.SetResult();

            var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
            Assert.Contains("its own request body had paused", exception.Message, StringComparison.Ordinal);
        }

        Assert.All(mesh.Catalog().Endpoints.Current.All, static endpoint => Assert.False(endpoint.Health.HasFailures));
        Assert.Equal(0, mesh.Catalog().Budget.FailureShare);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_silence_in_a_conversation_may_be_the_endpoints()
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = 10 * Second);
        mesh.All(TakeAsync);
        var body = Body();
        body.Headers.ContentType = new("application/grpc");

        var call = mesh.Client.PostAsync(Fleet.Url, body, Token);
        await SendAsync([1]);
        await PassAsync(mesh, 10.1);
        await call.Settle();

        await Assert.ThrowsAnyAsync<Exception>(() => call);
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
    }

    [Fact]
    public async Task Send_attempt_timeout_runs_from_the_last_progress_too()
    {
        using var mesh = Fleet.Of(2, s => (s.Timeout, s.AttemptTimeout) = (30 * Second, 2 * Second));
        var answered = 0;
        mesh.All(async (request, token) =>
        {
            await request.Content!.CopyToAsync(new Slow(mesh, Second), token);
            return ++answered == 1 ? await Answers.Hang(request, token) : new HttpResponseMessage(HttpStatusCode.OK);
        });

        // Five pieces, each of which takes a second: ten in all for both attempts, and two for the answer that does not come.
        using var response = await mesh.Advance(
            mesh.Client.PutAsync(Fleet.Url, new StreamContent(new MemoryStream(new byte[5 * 81920])), Token), 100);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, mesh.Network.Received.Count);
    }

    [Fact]
    public async Task Send_last_attempt_has_the_time_of_the_call_from_the_last_progress()
    {
        using var mesh = Fleet.Of(2, s => (s.Timeout, s.AttemptTimeout) = (10 * Second, 8 * Second));
        var attempts = 0;
        mesh.All(async (request, token) =>
        {
            if (++attempts == 1)
            {
                await Task.Delay(4 * Second, mesh.Time, token);
                throw Answers.Broken();
            }

            await request.Content!.CopyToAsync(new Slow(mesh, 5 * Second), token);
            await Task.Delay(9 * Second, mesh.Time, token);
            return new HttpResponseMessage(HttpStatusCode.OK);
        });

        // Six seconds are left for the second attempt. Its body takes five, and from there on it has ten again.
        using var response =
            await mesh.Advance(mesh.Client.PutAsync(Fleet.Url, new StreamContent(new MemoryStream(new byte[81920])), Token), 10);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Send_small_body_that_moves_gives_the_next_attempt_no_more_time()
    {
        using var mesh = Fleet.Of(2, s => (s.Timeout, s.AttemptTimeout) = (10 * Second, 8 * Second));
        var begun = new TaskCompletionSource();
        var attempts = 0;
        mesh.All(async (request, token) =>
        {
            if (++attempts == 1)
            {
                await begun.Task;
                await request.Content!.CopyToAsync(Stream.Null, token);
                throw Answers.Broken();
            }

            _taken.SetResult();
            return await Answers.Hang(request, token);
        });

        // Not in memory, so it is watched.
        var call = mesh.Client.PutAsync(Fleet.Url, new StreamContent(new MemoryStream(new byte[10])), Token);
        await PassAsync(mesh, 6);
        begun.SetResult();
        await _taken.Task;
        await PassAsync(mesh, 3.9);
        Assert.False(call.IsCompleted);
        await PassAsync(mesh, 0.2);
        await call.Settle();

        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
    }

    [Fact]
    public async Task Send_inherited_deadline_counts_in_full_however_the_body_moves()
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = 10 * Second);
        string? told = null;
        mesh.All((request, token) =>
        {
            told = request.Headers.GetValues("mesh-deadline").Single();
            return TakeAsync(request, token);
        });
        using var outcomes = new MetricCollector<long>(
            mesh.Provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "Mesh.Client", "mesh.client.attempts");

        Task<HttpResponseMessage> call;
        using (MeshContext.Begin(new MeshContextValues { Timeout = 25 * Second }))
        {
            call = mesh.Client.PostAsync(Fleet.Url, Body(), Token);
        }

        for (var i = 0; i < 3; i++)
        {
            await PassAsync(mesh, 6);
            await SendAsync([1]);
        }

        Assert.False(call.IsCompleted);
        await PassAsync(mesh, 7.1);
        await call.Settle();

        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.InRange(int.Parse(told!, System.Globalization.CultureInfo.InvariantCulture), 20_000, 24_995);
        Assert.Contains("outcome=deadline", Assert.Single(outcomes.Lines()), StringComparison.Ordinal);
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
    }

    [Fact]
    public async Task Send_small_body_has_the_time_of_the_call_as_ever()
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = 10 * Second);
        mesh.All(Answers.Hang);

        var call = mesh.Client.PostAsync(Fleet.Url, new StringContent("x"), Token);
        await PassAsync(mesh, 10.1);
        await call.Settle();

        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
    }

    [Fact]
    public async Task Send_body_that_goes_on_after_the_answer_starts_no_time_anew()
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = 10 * Second);
        var cut = CancellationToken.None;
        var sending = Task.CompletedTask;
        mesh.All((request, token) =>
        {
            cut = token;
            sending = request.Content!.CopyToAsync(Stream.Null, token);
            return Task.FromResult(
                new HttpResponseMessage(
                    HttpStatusCode.OK)
                { Version = HttpVersion.Version20, Content = new Writing(_ => Task.CompletedTask) });
        });

        using var response = await mesh.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Fleet.Url) { Content = Body() }, HttpCompletionOption.ResponseHeadersRead, Token);
        await SendAsync([1]);
        await PassAsync(mesh, 100);
        Assert.False(cut.IsCancellationRequested);
        _parts.Writer.Complete();
        await sending.Settle();
        await PassAsync(mesh, 100);

        Assert.False(cut.IsCancellationRequested);
    }

    private static async Task<HttpResponseMessage> TakeAsync(HttpRequestMessage request, CancellationToken token)
    {
        await request.Content!.CopyToAsync(Stream.Null, token);
        return new HttpResponseMessage(HttpStatusCode.OK);
    }

    private static async Task PassAsync(MeshFixture mesh, double seconds)
    {
        mesh.Time.Advance(TimeSpan.FromSeconds(seconds));
        await Patience();
    }

    private static async Task Patience()
    {
        for (var i = 0; i < 100; i++)
        {
            await Task.Yield();
        }
    }

    private async Task SendAsync(byte[] part)
    {
        await _parts.Writer.WriteAsync(part, Token);
        await _accepted.WaitAsync(Token);
    }

    private Rows Body() => new(this);

    /// <summary>What comes from a queue, as long as its token allows.</summary>
    private sealed class Rows(UploadTimeTests test) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, Token);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await foreach (var part in test._parts.Reader.ReadAllAsync(cancellationToken))
            {
                await stream.WriteAsync(part, cancellationToken);
                test._accepted.Release();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class Stuck(int after) : MemoryStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _taken;

        public Task Reached => _reached.Task;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (++_taken > after)
            {
                _reached.TrySetResult();
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }
        }
    }

    private sealed class Slow(MeshFixture mesh, TimeSpan each) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await Task.Delay(each, mesh.Time, cancellationToken);
    }

    /// <summary>As a connection is, once its request is cancelled.</summary>
    private sealed class ClosingStream(CancellationToken closed) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            closed.ThrowIfCancellationRequested();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class StubbornContent(Task goOn, bool writesAfterwards) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[10], CancellationToken.None);
            await goOn;
            if (writesAfterwards)
            {
                await stream.WriteAsync(new byte[10], CancellationToken.None);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
