using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>Request bodies on real connections: what cuts them, and whose failure it is.</summary>
public sealed class UploadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Upload_that_moves_is_not_cut_by_Timeout_neither_here_nor_at_a_server_on_the_mesh(HttpProtocols protocol)
    {
        string? told = null;
        await using var server = await MeshServer.StartAsync("store", app => app.MapPost("/", async context =>
        {
            told = context.Request.Headers["mesh-deadline"];
            var copy = new MemoryStream();
            await context.Request.Body.CopyToAsync(copy, context.RequestAborted);
            await context.Response.WriteAsync(
                copy.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), context.RequestAborted);
        }), protocols: protocol);
        await using var application =
            new MeshApplication(Settings.Service("store", server.Url).With("Services:store:Timeout", TimeSpan.FromSeconds(3)));
        using var request = Post("store", protocol, new Slow(parts: 40, TimeSpan.FromMilliseconds(125)));

        using var response = await application.Client().SendAsync(request, Token).Soon();

        Assert.Equal("40000", await response.Content.ReadAsStringAsync(Token));
        Assert.True(string.IsNullOrEmpty(told));
        Assert.Equal(0, application.State("store").Endpoints.Current.All[0].Load.InFlight);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Endpoint_that_stops_taking_the_body_is_left_after_Timeout(HttpProtocols protocol)
    {
        var end = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(_ => end.Task, listen => listen.Protocols = protocol);
        await using var application =
            new MeshApplication(Settings.Service("store", server.Url).With("Services:store:Timeout", TimeSpan.FromSeconds(1)));
        using var request = Post("store", protocol, new ByteArrayContent(new byte[64 * 1024 * 1024]));

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => application.Client().SendAsync(request, Token).Soon());
        end.SetResult();

        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.True(application.State("store").Endpoints.Current.All[0].Health.HasFailures);
        Assert.Equal(0, application.State("store").Endpoints.Current.All[0].Load.InFlight);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Body_that_fails_on_its_way_arrives_nowhere_else_and_opens_no_breaker(HttpProtocols protocol)
    {
        var stored = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(
            async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                stored.Enqueue(await reader.ReadToEndAsync(context.RequestAborted));
            },
            listen => listen.Protocols = protocol);
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(Settings.Service("import", server.Url));

        for (var i = 0; i < 30; i++)
        {
            // Reads from another server while it is sent, which is just restarting.
            using var request =
                Post("import", protocol,
                    new Slow(parts: 2, TimeSpan.Zero, async () => await new HttpClient().GetStringAsync(new Uri(dead.Url), Token)));
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(request, Token).Soon());
            Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
        }

        using var good = Post("import", protocol, new StringContent("row"));
        using var response = await application.Client().SendAsync(good, Token).Soon();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["row"], stored);
        Assert.False(application.State("import").Endpoints.Current.All[0].Health.HasFailures);
    }

    [Fact]
    public async Task Body_handed_on_from_a_download_that_breaks_is_not_the_targets_failure()
    {
        await using var source = await TestServer.StartAsync(async context =>
        {
            context.Response.ContentLength = 100_000;
            await context.Response.Body.WriteAsync(new byte[50_000], context.RequestAborted);
            context.Abort();
        });
        await using var target =
            await TestServer.StartAsync(async context => await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await using var application = new MeshApplication(Settings.Service("source", source.Url).AndService("target", target.Url));
        var client = application.Client();

        for (var i = 0; i < 30; i++)
        {
            _ = await Record.ExceptionAsync(async () =>
            {
                using var download = await client.GetAsync(new Uri("http://source/"), HttpCompletionOption.ResponseHeadersRead, Token);
                (await client.PostAsync(new Uri("http://target/"), download.Content, Token)).Dispose();
            });
        }

        using var response = await client.PostAsync(new Uri("http://target/"), new StringContent("x"), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(application.State("target").Endpoints.Current.All[0].Health.HasFailures);
        Assert.Equal(0, application.State("target").Endpoints.Current.All[0].Load.InFlight);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Stream_may_be_closed_when_the_answer_is_there(HttpProtocols protocol)
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(
            async context =>
            {
                await context.Response.StartAsync(context.RequestAborted);
                await release.Task;
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            },
            listen => listen.Protocols = protocol);
        await using var application = new MeshApplication(Settings.Service("store", server.Url));
        using var request = Post("store", protocol, new StreamContent(new MemoryStream(new byte[8 * 1024 * 1024])));

        var call = application.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await Patience.UntilAsync(() => server.Requests == 1, "the request arrives");
        await Patience.PassAsync(TimeSpan.FromMilliseconds(300), Token);

        // The runtime sends such a body to its end first, with the mesh as without.
        Assert.False(call.IsCompleted);
        release.SetResult();
        using var response = await call.Soon();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    /// <summary>Over HTTP/1.1 that closes the connection, with the mesh as without; over HTTP/2 it is harmless.</summary>
    [Theory]
    [InlineData(HttpProtocols.Http1, "PUT", "writer", null)]
    [InlineData(HttpProtocols.Http1, "POST", "writer", 5)]
    [InlineData(HttpProtocols.Http1, "POST", "async", null)]
    [InlineData(HttpProtocols.Http1, "POST", "flush", 5)]
    [InlineData(HttpProtocols.Http1, "POST", "again", null)]
    [InlineData(HttpProtocols.Http2, "POST", "writer", null)]
    [InlineData(HttpProtocols.Http2, "POST", "async", 5)]
    [InlineData(HttpProtocols.Http2, "POST", "again", null)]
    public async Task Body_that_closes_what_it_is_written_to_blames_nobody(HttpProtocols protocol, string method, string how, int? length)
    {
        await using var server = await TestServer.StartAsync(
            async context => await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted),
            listen => listen.Protocols = protocol);
        await using var application = new MeshApplication(Settings.Service("store", server.Url));
        using var attempts =
            new MetricCollector<long>(application.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.attempts");

        for (var i = 0; i < 30; i++)
        {
            using var request = Post("store", protocol, new Closing(how, length));
            request.Method = new HttpMethod(method);
            if (protocol == HttpProtocols.Http2 && how != "again")
            {
                using var answer = await application.Client().SendAsync(request, Token).Soon();
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                continue;
            }

            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(request, Token).Soon());
            Assert.IsType<ObjectDisposedException>(exception.InnerException);
        }

        using var good = Post("store", protocol, new StringContent("row"));
        using var response = await application.Client().SendAsync(good, Token).Soon();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(application.State("store").Endpoints.Current.All[0].Health.HasFailures);
        Assert.Equal(0, application.State("store").Endpoints.Current.All[0].Load.InFlight);
        var outcomes = attempts.GetMeasurementSnapshot().Select(m => m.Tags["mesh.outcome"]).ToList();
        Assert.Equal(31, outcomes.Count);
        Assert.All(outcomes.Take(30), outcome =>
            Assert.Equal(protocol == HttpProtocols.Http2 && how != "again" ? "ok" : "local_error", outcome));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Endpoint_that_breaks_off_has_failed_although_the_body_closes_its_stream(HttpProtocols protocol)
    {
        await using var server = await TestServer.StartAsync(
            context =>
            {
                context.Abort();
                return Task.CompletedTask;
            },
            listen => listen.Protocols = protocol);
        await using var application = new MeshApplication(Settings.Service("store", server.Url));
        using var attempts =
            new MetricCollector<long>(application.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.attempts");
        using var request = Post("store", protocol, new Closing("late", null));

        await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(request, Token).Soon());

        Assert.Equal("upstream_reset", Assert.Single(attempts.GetMeasurementSnapshot()).Tags["mesh.outcome"]);

        // Over HTTP/1.1 it may have refused the request, and there is no other to compare it with.
        Assert.Equal(protocol == HttpProtocols.Http2, application.State("store").Endpoints.Current.All[0].Health.HasFailures);
    }

    private static HttpRequestMessage Post(string service, HttpProtocols protocol, HttpContent content) =>
        new(HttpMethod.Post, $"http://{service}/")
        {
            Version = protocol == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };

    /// <summary>A thousand bytes at a time.</summary>
    private sealed class Slow(int parts, TimeSpan pause, Func<Task>? between = null) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var i = 0; i < parts; i++)
            {
                await stream.WriteAsync(new byte[1000]);
                await stream.FlushAsync();
                await Patience.PassAsync(pause, Token);
                if (between is not null)
                {
                    await between();
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Five bytes; then it closes the stream, which is not its own.</summary>
    private sealed class Closing(string how, int? length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            switch (how)
            {
                case "writer":
                    using (var writer = new StreamWriter(stream))
                    {
                        await writer.WriteAsync("hello");
                    }

                    return;
                case "flush":
                    await stream.WriteAsync("hello"u8.ToArray());
                    await stream.FlushAsync();
                    stream.Dispose();
                    return;
                case "late":
                    await using (stream)
                    {
                        for (var i = 0; i < 200; i++)
                        {
                            await stream.WriteAsync(new byte[1000]);
                            await stream.FlushAsync();
                            await Patience.PassAsync(TimeSpan.FromMilliseconds(10), Token);
                        }
                    }

                    return;
                default:
                    await stream.WriteAsync("hello"u8.ToArray());
                    await stream.DisposeAsync();
                    if (how == "again")
                    {
                        await stream.WriteAsync("hello"u8.ToArray());
                    }

                    return;
            }
        }

        protected override bool TryComputeLength(out long size)
        {
            size = length ?? 0;
            return length is not null;
        }
    }
}
