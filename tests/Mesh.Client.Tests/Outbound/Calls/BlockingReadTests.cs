namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A blocking read blocks its own thread and needs no other: in a pool that is full there is none.</summary>
public sealed class BlockingReadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(100_000)]
    [InlineData(100)]
    public void Send_blocking_reads_go_down_to_the_transport(int? length)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(new BlockingStream(length ?? 50) { Ends = true }, length)));

        using var streamed = mesh.Client.Send(
            new HttpRequestMessage(HttpMethod.Get, Fleet.Url), HttpCompletionOption.ResponseHeadersRead, Token);
        using var body = streamed.Content.ReadAsStream(Token);
        var buffer = new byte[30];
        var all = 0;
        while (body.Read(buffer, 0, buffer.Length) is > 0 and var count)
        {
            all += count;
        }

        Assert.Equal(length ?? 50, all);
        using var buffered = mesh.Client.Send(new HttpRequestMessage(HttpMethod.Get, Fleet.Url), Token);
        Assert.Equal(length ?? 50, buffered.Content.ReadAsStream(Token).Length);
        Assert.Equal(0, mesh.InFlight());
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100_000)]
    [InlineData(100)]
    public async Task Send_blocking_read_that_gets_no_byte_ends(int? length)
    {
        using var mesh = Fleet.Of(1);
        var stream = new BlockingStream(10);
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(stream, length)));
        var reading = Task.Factory.StartNew(
            () =>
            {
                using var response = mesh.Client.Send(
                    new HttpRequestMessage(HttpMethod.Post, Fleet.Url), HttpCompletionOption.ResponseHeadersRead, Token);
                response.Content.ReadAsStream(Token).CopyTo(Stream.Null);
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        await stream.Waits.Task.WaitAsync(Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(15));

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => reading);
        Assert.Contains($"from {Fleet.At(1)} for 15 s (BodyIdleTimeout)", exception.Message, StringComparison.Ordinal);
        Assert.True(exception is IOException or HttpRequestException, exception.ToString());
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(100)]
    public async Task Send_caller_that_gives_up_ends_a_blocking_read_and_blames_nobody(int length)
    {
        using var mesh = Fleet.Of(1);
        var stream = new BlockingStream(10);
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(stream, length)));
        using var caller = new CancellationTokenSource();
        var reading = Task.Factory.StartNew(
            () => mesh.Client.Send(new HttpRequestMessage(HttpMethod.Get, Fleet.Url), caller.Token).Dispose(),
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        await stream.Waits.Task.WaitAsync(Token);
        await caller.CancelAsync();

        // The clock stands still: nothing else ends it.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Token));
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
        Assert.Single(mesh.Network.Received);
    }

    /// <summary>Without <see cref="HttpClient"/>, which makes a cancellation of whatever comes after the caller has given up.</summary>
    [Fact]
    public async Task Send_caller_that_gives_up_gets_a_cancellation_of_its_own_token_and_no_part_of_the_body()
    {
        using var mesh = Fleet.Of(1);
        var stream = new BlockingStream(10);
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(stream, 100)));
        using var invoker = new HttpMessageInvoker(mesh.Handler, disposeHandler: false);
        using var caller = new CancellationTokenSource();
        var reading = Task.Factory.StartNew(
            () => invoker.Send(new HttpRequestMessage(HttpMethod.Get, Fleet.Url), caller.Token).Dispose(),
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        await stream.Waits.Task.WaitAsync(Token);
        await caller.CancelAsync();

        var canceled = await Assert.ThrowsAsync<TaskCanceledException>(() => reading.WaitAsync(Token));
        Assert.Equal(caller.Token, canceled.CancellationToken);
        Assert.Equal(0, mesh.InFlight());
    }
}
