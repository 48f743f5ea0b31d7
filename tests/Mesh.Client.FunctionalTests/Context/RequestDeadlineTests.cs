using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Context;

/// <summary>What a server does about the deadline that comes with a request.</summary>
public sealed class RequestDeadlineTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogCollector _logs = new();
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dead_on_arrival_is_answered_504_and_the_application_does_not_run()
    {
        await using var server = await StartAsync();

        using var response = await SendAsync(server, "/ok", "0");

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("deadline", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData("/aborted")]
    [InlineData("/parameter")]
    public async Task Handler_is_cancelled_when_the_deadline_is_spent(string path)
    {
        await using var server = await StartAsync();
        var sent = SendAsync(server, path, "700");
        await _arrived.Task.Soon();

        _time.Advance(TimeSpan.FromMilliseconds(699));
        Assert.False(_end.Task.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("cancelled", await _end.Task.Soon());
        using var response = await sent.Soon();
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Fact]
    public async Task Answer_that_comes_too_late_is_504_also_when_the_handler_did_not_listen()
    {
        await using var server = await StartAsync();
        var sent = SendAsync(server, "/deaf", "700");
        await _arrived.Task.Soon();
        _time.Advance(TimeSpan.FromMilliseconds(700));
        _goOn.SetResult();

        using var response = await sent.Soon();
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.False(response.Headers.Contains("x-own"));
    }

    [Fact]
    public async Task Stream_that_has_begun_is_not_cut()
    {
        await using var server = await StartAsync();
        using var response = await SendAsync(server, "/stream", "700");
        _time.Advance(TimeSpan.FromSeconds(5));
        _goOn.SetResult();

        Assert.Equal("first last", await response.Content.ReadAsStringAsync(Token).Soon());
    }

    [Theory]
    [InlineData("/calling-stream", false, "first none OK")]
    [InlineData("/calling-stream", true, "first 0 TaskCanceledException")]
    [InlineData("/calling-stream/begun", false, "first none OK")]
    [InlineData("/calling-stream/begun", true, "first 0 TaskCanceledException")]
    [InlineData("/calling-stream/begun-with-timeout", false, "first 55 OK")]
    public async Task Stream_that_has_begun_calls_others_without_the_deadline_but_not_that_of_grpc(string path, bool grpc, string expected)
    {
        await using var backend = await TestServer.StartAsync("hello");
        await using var server = await StartAsync(Settings.Service("backend", backend.Url));
        using var response = await SendAsync(server, path, "700", grpc);
        _time.Advance(TimeSpan.FromSeconds(5));
        _goOn.SetResult();

        Assert.Equal(expected, await response.Content.ReadAsStringAsync(Token).Soon());
    }

    [Fact]
    public async Task WebSocket_that_was_accepted_in_time_calls_others_without_the_deadline()
    {
        await using var backend = await TestServer.StartAsync("hello");
        await using var server = await StartAsync(Settings.Service("backend", backend.Url));
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.SetRequestHeader("mesh-deadline", "700");
        await socket.ConnectAsync(new Uri(server.Url.Replace("http", "ws", StringComparison.Ordinal) + "/socket"), Token);
        _time.Advance(TimeSpan.FromSeconds(5));
        _goOn.SetResult();

        Assert.Equal("none OK", await _end.Task.Soon());
    }

    [Fact]
    public async Task Grpc_stream_that_has_begun_is_cut()
    {
        await using var server = await StartAsync();
        using var response = await SendAsync(server, "/grpc-stream", "700", grpc: true);
        _time.Advance(TimeSpan.FromMilliseconds(700));

        Assert.Equal("cancelled", await _end.Task.Soon());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("700")]
    public async Task Grpc_learns_of_it_by_its_own_status(string deadline)
    {
        await using var server = await StartAsync();
        var sent = SendAsync(server, "/aborted", deadline, grpc: true);
        if (deadline != "0")
        {
            await _arrived.Task.Soon();
            _time.Advance(TimeSpan.FromMilliseconds(700));
        }

        using var response = await sent.Soon();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["4"], response.Headers.GetValues("grpc-status"));
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("700")]
    [InlineData(null)]
    public async Task Client_that_goes_still_cancels_the_handler(string? deadline)
    {
        await using var server = await StartAsync();
        using var client = new CancellationTokenSource();
        var sent = SendAsync(server, "/aborted", deadline, token: client.Token);
        await _arrived.Task.Soon();
        await client.CancelAsync();

        Assert.Equal("cancelled", await _end.Task.Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
    }

    [Fact]
    public async Task Cancellation_that_the_application_throws_in_is_logged_and_ends_nothing_else()
    {
        await using var server = await StartAsync();
        var sent = SendAsync(server, "/throwing", "700");
        await _arrived.Task.Soon();

        // On the timer's thread an exception would end the process, and the time comes from strangers.
        _time.Advance(TimeSpan.FromMilliseconds(700));

        using var response = await sent.Soon();
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains(_logs.GetSnapshot(), record => record is { Id.Id: 1800, Exception: AggregateException });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Exception_of_an_application_whose_time_is_up_is_499_and_logged_if_it_may_be_a_defect(bool tooLate)
    {
        // In Development a page about the exception would answer before.
        await using var server = await StartAsync(development: false);
        var sent = SendAsync(server, "/failing", "700");
        await _arrived.Task.Soon();
        if (tooLate)
        {
            _time.Advance(TimeSpan.FromMilliseconds(700));
        }

        _goOn.SetResult();

        using var response = await sent.Soon();
        Assert.Equal(tooLate ? 499 : 500, (int)response.StatusCode);
        Assert.Equal(tooLate ? 1 : 0, _logs.GetSnapshot().Count(record => record is { Id.Id: 1801, Exception: InvalidOperationException }));
    }

    [Theory]
    [InlineData("86400001")]
    [InlineData("-5")]
    [InlineData("1s")]
    public async Task Malformed_deadline_is_none_and_is_not_seen(string deadline)
    {
        await using var server = await StartAsync();
        using var response = await SendAsync(server, "/ok", deadline);
        Assert.Equal("ok none", await response.Content.ReadAsStringAsync(Token));
    }

    private Task<MeshServer> StartAsync(IReadOnlyDictionary<string, string?>? settings = null, bool development = true) =>
        MeshServer.StartAsync(
        "orders",
        application =>
        {
            application.Map("/ok", context => context.Response.WriteAsync(
                $"ok {(MeshContext.Remaining is null && !context.Request.Headers.ContainsKey("mesh-deadline") ? "none" : "some")}"));
            application.Map("/aborted", (HttpContext context) => WaitAsync(context.RequestAborted));
            application.MapGet("/parameter", (CancellationToken token) => WaitAsync(token));
            application.Map("/throwing", (HttpContext context) =>
            {
                context.RequestAborted.Register(() => throw new InvalidOperationException("the application's"));
                return WaitAsync(context.RequestAborted);
            });
            application.Map("/failing", async (HttpContext _) =>
            {
                _arrived.SetResult();
                await _goOn.Task.Soon();
                throw new InvalidOperationException("the application's");
            });
            application.Map("/deaf", async context =>
            {
                context.Response.Headers["x-own"] = "1";
                _arrived.SetResult();
                await _goOn.Task.Soon();
            });
            application.Map("/stream", async context =>
            {
                await context.Response.WriteAsync("first ", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await _goOn.Task.Soon();
                await context.Response.WriteAsync("last", context.RequestAborted);
            });
            application.Map("/calling-stream/{begun?}", async context =>
            {
                // One inside the other, to see that neither forgets the other's.
                using var outer = Begin("begun", TimeSpan.FromMinutes(1));
                using var scope = Begin("begun", TimeSpan.FromHours(1));
                await context.Response.WriteAsync("first ", Token);
                await context.Response.Body.FlushAsync(Token);
                await _goOn.Task.Soon();
                await context.Response.WriteAsync(await CallAsync(context), Token);

                IDisposable? Begin(string begun, TimeSpan timeout) =>
                    context.Request.RouteValues["begun"] is string asked && asked.StartsWith(begun, StringComparison.Ordinal)
                    ? MeshContext.Begin(new MeshContextValues { Timeout = asked == begun ? null : timeout })
                    : null;
            });
            application.UseWebSockets();
            application.Map("/socket", async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await _goOn.Task.Soon();
                _end.SetResult(await CallAsync(context));
            });
            application.Map("/grpc-stream", async context =>
            {
                await context.Response.WriteAsync("first ", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await WaitAsync(context.RequestAborted);
            });
        },
        development,
        settings,
        services => services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, _time)
            .AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_logs))));

    private static async Task<string> CallAsync(HttpContext context)
    {
        var left = MeshContext.Remaining is { } time ? $"{time.TotalSeconds}" : "none";
        try
        {
            using var answer = await context.RequestServices.GetRequiredService<IHttpClientFactory>()
                .CreateClient()
                .GetAsync(new Uri("http://backend/"), Token);
            return $"{left} {answer.StatusCode}";
        }
        catch (OperationCanceledException exception)
        {
            return $"{left} {exception.GetType().Name}";
        }
    }

    private async Task WaitAsync(CancellationToken token)
    {
        _arrived.TrySetResult();
        try
        {
            await _goOn.Task.WaitAsync(token);
            _end.TrySetResult("went on");
        }
        catch (OperationCanceledException)
        {
            _end.TrySetResult("cancelled");
            throw;
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        MeshServer server, string path, string? deadline, bool grpc = false, CancellationToken? token = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(grpc ? HttpMethod.Post : HttpMethod.Get, server.Url + path);
        if (deadline is not null)
        {
            request.Headers.Add("mesh-deadline", deadline);
        }

        if (grpc)
        {
            request.Content = new ByteArrayContent([]);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token ?? Token);
    }
}
