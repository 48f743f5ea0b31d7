using System.Net.ServerSentEvents;
using System.Text;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>After the headers only silence ends a body, and only where silence is not natural.</summary>
public sealed class BodyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Download_longer_than_Timeout_and_AttemptTimeout_arrives_whole()
    {
        const int Parts = 50;
        var part = new byte[10_000];
        await using var server = await TestServer.StartAsync(async context =>
        {
            await context.Response.StartAsync(context.RequestAborted);
            for (var i = 0; i < Parts && context.Request.Path == "/large"; i++)
            {
                await context.Response.Body.WriteAsync(part, context.RequestAborted);
                await Patience.PassAsync(TimeSpan.FromMilliseconds(100), context.RequestAborted);
            }
        });
        await using var application = new MeshApplication(Settings.Service("files", server.Url)
            .With("Services:files:Timeout", TimeSpan.FromSeconds(3))
            .With("Services:files:AttemptTimeout", TimeSpan.FromSeconds(2))
            .With("Services:files:BodyIdleTimeout", TimeSpan.FromSeconds(30)));
        var client = application.Client();
        (await client.GetAsync(new Uri("http://files/warm"), Token)).Dispose();

        using var response = await client.GetAsync(new Uri("http://files/large"), HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        Assert.Equal(1, application.State("files").Endpoints.Current.All[0].Load.InFlight);
        using var copy = new MemoryStream();
        await body.CopyToAsync(copy, Token);

        Assert.Equal(Parts * part.Length, copy.Length);
        Assert.Equal(0, application.State("files").Endpoints.Current.All[0].Load.InFlight);
        Assert.Equal(2, server.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stalled_body_ends_with_an_error_that_names_the_setting(bool synchronous)
    {
        await using var server = await TestServer.StartAsync(StallAsync);
        await using var application = new MeshApplication(
            Settings.Service("files", server.Url).With("Services:files:BodyIdleTimeout", TimeSpan.FromMilliseconds(300)));
        using var response = await application.Client().GetAsync(
            new Uri("http://files/large"), HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await response.Content.ReadAsStreamAsync(Token);

        var exception = await Assert.ThrowsAsync<IOException>(() => Task.Run(
            async () =>
            {
                if (synchronous)
                {
                    body.CopyTo(Stream.Null);
                }
                else
                {
                    await body.CopyToAsync(Stream.Null, Token);
                }
            },
            Token).Soon());

        Assert.Contains("BodyIdleTimeout", exception.Message, StringComparison.Ordinal);
        Assert.Contains(server.Name, exception.Message, StringComparison.Ordinal);
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Equal(0, application.State("files").Endpoints.Current.All[0].Load.InFlight);
    }

    [Fact]
    public async Task Stalled_body_ends_a_call_that_reads_all_of_it()
    {
        await using var server = await TestServer.StartAsync(StallAsync);
        await using var application = new MeshApplication(
            Settings.Service("files", server.Url).With("Services:files:BodyIdleTimeout", TimeSpan.FromMilliseconds(300)));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => application.Client().GetStringAsync(new Uri("http://files/large"), Token).Soon());

        Assert.Contains("BodyIdleTimeout", Assert.IsType<IOException>(exception.InnerException).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_stream_may_be_silent_for_longer_than_BodyIdleTimeout()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 3; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Patience.PassAsync(TimeSpan.FromMilliseconds(600), context.RequestAborted);
            }
        });
        await using var application = new MeshApplication(
            Settings.Service("news", server.Url).With("Services:news:BodyIdleTimeout", TimeSpan.FromMilliseconds(200)));

        await using var body = await application.Client().GetStreamAsync(new Uri("http://news/"), Token);
        var events = new List<string>();
        await foreach (var item in SseParser.Create(body).EnumerateAsync(Token))
        {
            events.Add(item.Data);
        }

        Assert.Equal(["0", "1", "2"], events);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_that_cannot_be_read_twice_arrives_once_and_whole(bool oneIsDead)
    {
        const long Size = 20_000_000;
        var received = 0L;
        await using var server = await TestServer.StartAsync(async context =>
        {
            var buffer = new byte[64 * 1024];
            for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                Interlocked.Add(ref received, read);
            }
        });
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(Settings.Service("files", oneIsDead ? [dead.Url, server.Url] : [server.Url])
            .With("Defaults:Timeout", Patience.Limit));
        using var content = new StreamContent(new OneWayStream(Size));

        using var response = await application.Client().PostAsync(new Uri("http://files/upload"), content, Token);

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(Size, received);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Headers_and_length_of_a_streamed_body_are_those_of_the_service()
    {
        var bytes = Encoding.UTF8.GetBytes(new string('a', 100_000));
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/vnd.test; charset=utf-8";
            context.Response.ContentLength = bytes.Length;
            context.Response.Headers.ContentLanguage = "en, de";
            context.Response.Headers.ContentDisposition = "attachment; filename=\"a b.txt\"";
            return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
        });
        await using var application = new MeshApplication(Settings.Service("files", server.Url));

        using var response = await application.Client().GetAsync(new Uri("http://files/"), Token);

        var headers = response.Content.Headers;
        Assert.Equal("application/vnd.test; charset=utf-8", headers.ContentType!.ToString());
        Assert.Equal(bytes.Length, headers.ContentLength);
        Assert.Equal(["en", "de"], headers.ContentLanguage);
        Assert.Equal("a b.txt", headers.ContentDisposition!.FileName!.Trim('"'));
        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(Token));
    }

    private static async Task StallAsync(HttpContext context)
    {
        await context.Response.WriteAsync("the beginning", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
    }
}
