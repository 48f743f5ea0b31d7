using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Handlers of the user's that send a message again before its first answer: neither token nor header of the mesh goes where a
/// call of its own would not take it, and the message stays the user's.</summary>
public sealed class MessageSentTwiceTests(Issuer issuer) : IClassFixture<Issuer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failover_to_another_host_takes_nothing_of_the_mesh_along(bool ownPrimary)
    {
        var arrived = new TaskCompletionSource();
        var answered = new TaskCompletionSource();
        await using var payments = await TestServer.StartAsync(async context =>
        {
            arrived.TrySetResult();
            await answered.Task;
        });
        var seen = new ConcurrentQueue<string>();
        await using var untrusted = await TestServer.StartAsync(context =>
        {
            foreach (var (name, value) in context.Request.Headers)
            {
                seen.Enqueue($"{name}: {value}");
            }

            return Task.CompletedTask;
        });
        await using var front = await Front.StartAsync(
            issuer,
            Front.Settings(payments.Url),
            async (context, client) =>
            {
                var values = new MeshContextValues
                {
                    Labels = new Dictionary<string, string> { ["tenant"] = "acme" },
                    User = MeshContext.Capture().User,
                };
                using var labels = MeshContext.Begin(values);
                using var message = new HttpRequestMessage(HttpMethod.Get, "http://payments/") { Headers = { { "x-mine", "1" } } };
                using var response = await client.SendAsync(message, Token);
                await context.Response.WriteAsync($"{(int)response.StatusCode} {message.Headers}");
            },
            services => Above(services, ownPrimary, async (message, next) =>
            {
                var first = next(message);
                await Task.WhenAny(first, arrived.Task);
                message.RequestUri = new Uri(untrusted.NamedUrl);
                var second = await next(message);
                answered.TrySetResult();
                (await first).Dispose();
                return second;
            }));

        Assert.Equal("200 x-mine: 1", (await front.CallAsync(await issuer.TokenAsync("alice"))).Trim());

        Assert.Equal([$"Host: localhost:{untrusted.Address.Port}", "x-mine: 1"], seen.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hedged_calls_each_have_token_deadline_and_body(bool ownPrimary)
    {
        const int Calls = 60;
        var bodies = new ConcurrentBag<string>();
        var number = 0;
        async Task AnswerAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, Token);
            var headers = context.Request.Headers;
            var whole = body.Length == int.Parse(headers["x-size"]!, null) && body.ToArray().All(one => one == (byte)body.Length);
            bodies.Add($"{whole} {headers.Authorization.Count} {headers["mesh-caller"]}");
            if (Interlocked.Increment(ref number) % 4 == 0)
            {
                context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            }
        }

        await using var one = await TestServer.StartAsync(AnswerAsync);
        await using var two = await TestServer.StartAsync(AnswerAsync);
        var settings = Front.Settings(one.Url).With("Services:payments:Endpoints:1", two.Url)
            .With("Services:payments:OutlierDetection:Enabled", "false")
            .With("Services:payments:CircuitBreaker:Enabled", "false");
        var changed = new ConcurrentBag<string>();
        await using var front = await Front.StartAsync(
            issuer,
            settings,
            async (context, client) =>
            {
                await Parallel.ForAsync(0, Calls, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
                {
                    var size = i % 3 == 0 ? 1 : i % 3 == 1 ? 1001 : 100_003;
                    var bytes = new byte[size];
                    Array.Fill(bytes, (byte)size);
                    using var content = new ByteArrayContent(bytes);
                    using var message = new HttpRequestMessage(HttpMethod.Put, "http://payments/") { Content = content };
                    message.Headers.Add("x-size", $"{size}");
                    (await client.SendAsync(message, Token)).Dispose();
                    if (!ReferenceEquals(content, message.Content) || message.Headers.ToString().Trim() != $"x-size: {size}")
                    {
                        changed.Add($"{message.Content} {message.Headers}");
                    }
                });
            },
            services => Above(services, ownPrimary, async (message, next) =>
            {
                var answers = await Task.WhenAll(next(message), Task.Run(() => next(message)), next(message));
                answers[1].Dispose();
                answers[2].Dispose();
                return answers[0];
            }));

        await front.CallAsync(await issuer.TokenAsync("alice"));

        Assert.Empty(changed);
        Assert.True(bodies.Count >= 3 * Calls, $"{bodies.Count} requests");
        Assert.Equal(["True 1 orders"], bodies.Distinct());
    }

    private static void Above(
        IServiceCollection services,
        bool ownPrimary,
        Func<HttpRequestMessage, Func<HttpRequestMessage, Task<HttpResponseMessage>>, Task<HttpResponseMessage>> send)
    {
        var client = services.AddHttpClient("user").AddHttpMessageHandler(() => new Resending(send));
        if (ownPrimary)
        {
            client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                MaxResponseHeadersLength = 128,
            });
        }
    }

    private sealed class Resending(
        Func<HttpRequestMessage, Func<HttpRequestMessage, Task<HttpResponseMessage>>, Task<HttpResponseMessage>> send)
        : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            send(request, message => base.SendAsync(message, cancellationToken));
    }
}
