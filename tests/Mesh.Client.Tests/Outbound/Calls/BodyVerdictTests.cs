using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>An endpoint is judged by the whole of its answer: what happens behind the head counts.</summary>
public sealed class BodyVerdictTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, false)]
    [InlineData(100_000, false)]
    [InlineData(100, false)]
    [InlineData(null, true)]
    [InlineData(100_000, true)]
    [InlineData(100, true)]
    public async Task Send_bodies_that_break_eject_their_endpoint(int? length, bool post)
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.On(Fleet.At(1), (_, _) => Task.FromResult(Broken(length)));
        for (var i = 0; i < 10; i++)
        {
            await ReadAsync(mesh, post);
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.False(mesh.Endpoint(2).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100)]
    public async Task Send_bodies_that_fall_silent_eject_their_endpoint(int? length)
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.On(Fleet.At(1), (_, _) => Task.FromResult(Answer(new Pipe().Reader.AsStream(), length)));
        for (var i = 0; i < 10; i++)
        {
            await mesh.Advance(ReadAsync(mesh, post: true), 500);
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100_000)]
    [InlineData(100)]
    public async Task Trial_with_a_good_head_and_a_broken_body_does_not_readmit(int? length)
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.On(Fleet.At(1), (_, _) => Task.FromResult(Broken(length)));
        mesh.Eject(1);
        var ejectedAt = mesh.Endpoint(1).Health.EjectedAt;
        mesh.Time.Advance(TimeSpan.FromSeconds(1));

        await ReadAsync(mesh, post: false);

        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        Assert.True(mesh.Endpoint(1).Health.EjectedAt > ejectedAt);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
    }

    [Fact]
    public async Task Trial_readmits_at_the_end_of_the_body()
    {
        using var mesh = Fleet.Of(2);
        var pipe = new Pipe();
        using var response = await TrialAsync(mesh, pipe.Reader.AsStream());
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        Assert.True(mesh.Endpoint(1).Health.IsEjected);

        await pipe.Writer.CompleteAsync();
        Assert.Equal(0, await body.ReadAsync(new byte[10], Token));
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public async Task Trial_whose_body_flows_for_some_seconds_readmits()
    {
        using var mesh = Fleet.Of(2);
        var pipe = new Pipe();
        using var response = await TrialAsync(mesh, pipe.Reader.AsStream());
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        for (var i = 0; i < 4; i++)
        {
            mesh.Time.Advance(TimeSpan.FromSeconds(1));
            await pipe.Writer.WriteAsync(new byte[1], Token);
            Assert.Equal(1, await body.ReadAsync(new byte[10], Token));
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(mesh.Endpoint(1).Health.IsEjected);

        // What comes later counts as of any other request.
        await pipe.Writer.CompleteAsync(new IOException("reset"));
        await Assert.ThrowsAsync<IOException>(() => body.ReadAsync(new byte[10], Token).AsTask());
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public async Task Trial_with_a_stream_of_events_readmits_although_none_comes()
    {
        using var mesh = Fleet.Of(2);
        var stream = new Pipe().Reader.AsStream();
        using var response = await TrialAsync(mesh, stream, "text/event-stream");
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        _ = body.ReadAsync(new byte[10], Token).AsTask();
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Trial_that_is_not_read_to_its_end_leaves_the_trial_to_another(bool disposed)
    {
        using var mesh = Fleet.Of(2);
        using var response = await TrialAsync(mesh, new Pipe().Reader.AsStream());
        Assert.True(mesh.Endpoint(1).Health.TrialInFlight);
        if (disposed)
        {
            response.Dispose();
        }
        else
        {
            mesh.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        mesh.Network.On(Fleet.At(1), HttpStatusCode.OK);
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public async Task Caller_that_leaves_early_ends_a_row_of_failures_and_one_that_waits_in_vain_does_not()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(Broken(null)));
        await ReadAsync(mesh, post: true);
        Assert.True(mesh.Endpoint(1).Health.HasFailures);

        mesh.All((_, _) => Task.FromResult(Answer(new Pipe().Reader.AsStream(), null)));
        using (var caller = new CancellationTokenSource())
        using (var response = await Headers(mesh))
        {
            var body = await response.Content.ReadAsStreamAsync(Token);
            var read = body.ReadAsync(new byte[10], caller.Token).AsTask();
            await caller.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }

        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        (await Headers(mesh)).Dispose();
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Read_to_the_announced_length_is_read_to_the_end()
    {
        using var mesh = Fleet.Of(2);
        using var response = await TrialAsync(mesh, new ForwardOnlyStream(new byte[20_000]), length: 20_000);
        var body = await response.Content.ReadAsStreamAsync(Token);
        await body.ReadExactlyAsync(new byte[20_000], Token);
        response.Dispose();
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100_000)]
    public async Task Error_of_a_broken_body_names_service_and_endpoint(int? length)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(Broken(length)));
        using var response = await Headers(mesh);
        var body = await response.Content.ReadAsStreamAsync(Token);
        var read = await Assert.ThrowsAsync<HttpIOException>(() => body.CopyToAsync(Stream.Null, Token));
        Assert.Equal(HttpRequestError.ResponseEnded, read.HttpRequestError);
        Assert.StartsWith($"The response body from endpoint {Fleet.At(1)} of service 'catalog' broke off after 10 "
            + "", read.Message, StringComparison.Ordinal);
        Assert.IsType<HttpIOException>(read.InnerException);

        var buffered = await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.Client.GetAsync(Fleet.Url, Token));
        Assert.Equal(HttpRequestError.ResponseEnded, buffered.HttpRequestError);
        Assert.Contains($"endpoint {Fleet.At(1)} of service 'catalog'", buffered.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_to_what_does_not_take_it_blames_nobody()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(Answer(new ForwardOnlyStream(new byte[100]), null)));
        using var response = await Headers(mesh);
        using var full = new MemoryStream(new byte[10]);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.CopyToAsync(full, Token));
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Content_that_was_read_in_part_cannot_be_read_again()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(Answer(new ForwardOnlyStream(new byte[100]), null)));

        using var begun = await Headers(mesh);
        await using var body = await begun.Content.ReadAsStreamAsync(Token);
        Assert.Equal(10, await body.ReadAsync(new byte[10], Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => begun.Content.ReadAsStringAsync(Token));
        Assert.Same(body, await begun.Content.ReadAsStreamAsync(Token));

        using var copied = await Headers(mesh);
        await copied.Content.CopyToAsync(Stream.Null, Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => copied.Content.CopyToAsync(Stream.Null, Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => copied.Content.ReadAsStreamAsync(Token));
    }

    internal static HttpResponseMessage Answer(Stream body, int? length, string? type = null)
    {
        var content = new StreamContent(body);
        content.Headers.ContentLength = length;
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private static HttpResponseMessage Broken(int? length) => Answer(new BreakingStream(10), length);

    /// <summary>The answer of a trial of the first endpoint.</summary>
    private static Task<HttpResponseMessage> TrialAsync(MeshFixture mesh, Stream body, string? type = null, int? length = null)
    {
        mesh.Network.On(Fleet.At(1), (_, _) => Task.FromResult(Answer(body, length, type)));
        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        return Headers(mesh);
    }

    private static async Task<string> ReadAsync(MeshFixture mesh, bool post)
    {
        try
        {
            using var response = post ? await mesh.Client.PostAsync(Fleet.Url, null, Token) : await mesh.Client.GetAsync(Fleet.Url, Token);
            return await response.Content.ReadAsStringAsync(Token);
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    private static Task<HttpResponseMessage> Headers(MeshFixture mesh) =>
        mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);
}
