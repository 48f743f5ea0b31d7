using System.Collections.Concurrent;
using System.Globalization;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T3: a call carries the token of the user whose request it is part of, whatever is shared below it.</summary>
public sealed class TokenIsolationTests(Issuer issuer) : IClassFixture<Issuer>
{
    private const string CallsVariable = "MESH_ISOLATION_CALLS";
    private const int Users = 40;
    private const int CallsPerRequest = 50;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Isolation()
    {
        var calls = int.Parse(Environment.GetEnvironmentVariable(CallsVariable) ?? "50000", CultureInfo.InvariantCulture);
        var crossed = 0;
        var leaked = 0;
        var right = 0;
        var users = new ConcurrentDictionary<string, string>();
        await using var payments = await TestServer.StartAsync(context =>
        {
            var token = context.Request.Headers.Authorization.ToString();
            if (context.Request.Path == "/loop")
            {
                _ = token.Length == 0 ? 0 : Interlocked.Increment(ref leaked);
            }
            else
            {
                _ = token.Length > 0 && users.GetValueOrDefault(token["Bearer ".Length..]) == context.Request.Query["user"]
                    ? Interlocked.Increment(ref right)
                    : Interlocked.Increment(ref crossed);
            }

            return Task.CompletedTask;
        });
        using var stop = new CancellationTokenSource();
        Task? loop = null;
        var rounds = 0;
        await using var front = await Front.StartAsync(
            issuer,
            Front.Settings(payments.Url).With("Services:payments:Credentials:MissingUser", "Anonymous"),
            async (context, client) =>
            {
                var user = context.Request.Query["user"].ToString();

                // Not in the loop: the request, and with it its services, may have ended before the loop begins.
                var clients = context.RequestServices.GetRequiredService<IHttpClientFactory>();
                loop ??= Task.Run(() => LoopAsync(clients, stop.Token));
                await Task.WhenAll(Enumerable.Range(0, CallsPerRequest).Select(async _ =>
                {
                    using var response = await client.GetAsync(new Uri("http://payments/?user=" + user), Token);
                }));
            },
            services => services.AddHttpClient("user").SetHandlerLifetime(TimeSpan.FromSeconds(1)));
        for (var i = 0; i < Users; i++)
        {
            users[await issuer.TokenAsync("user" + i)] = "user" + i;
        }

        // The first request starts the loop, and has ended when the next one of its connection begins.
        var first = await issuer.TokenAsync("user0");
        await front.CallAsync(first, "/?user=user0");
        await front.CallAsync(first, "/?user=user0");
        leaked = 0;
        await Parallel.ForAsync(2, calls / CallsPerRequest, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token },
            async (i, _) =>
            await front.CallAsync(await issuer.TokenAsync("user" + (i % Users)), "/?user=user" + (i % Users)));
        await Patience.UntilAsync(() => Volatile.Read(ref rounds) > 5, "the loop had called");
        await stop.CancelAsync();
        await loop!.Soon();

        Assert.Equal((calls, 0, 0), (right, crossed, leaked));

        async Task LoopAsync(IHttpClientFactory clients, CancellationToken until)
        {
            while (!until.IsCancellationRequested)
            {
                using var response = await clients.CreateClient("user").GetAsync(new Uri("http://payments/loop"), CancellationToken.None);
                Interlocked.Increment(ref rounds);
            }
        }
    }

    [Theory]
    [InlineData("Singleton_loop_started_in_request_has_no_user")]
    [InlineData("FireAndForget_after_request_has_no_user")]
    public async Task Work_that_outlives_the_request_has_no_user(string kind)
    {
        await using var payments = await TestServer.StartAsync(_ => Task.CompletedTask);
        var ended = new TaskCompletionSource();
        Task<TokenFailure>? work = null;
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url), async (context, client) =>
        {
            using (await client.GetAsync(new Uri("http://payments/"), Token))
            {
                work ??= kind[0] == 'S' ? Task.Run(() => LaterAsync(client)) : LaterAsync(client);
            }

            await context.Response.WriteAsync("started");
        });
        var alice = await issuer.TokenAsync("alice");

        await front.CallAsync(alice);
        await front.CallAsync(alice, "/next");
        ended.SetResult();

        Assert.Equal(TokenFailure.NoUser, await work!.Soon());

        async Task<TokenFailure> LaterAsync(HttpClient client)
        {
            await ended.Task;
            return (await Assert.ThrowsAsync<TokenException>(() => client.GetAsync(new Uri("http://payments/"), Token))).Reason;
        }
    }

    [Fact]
    public async Task Parallel_WhenAll_same_user()
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(seen.TakeAsync);
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url), (_, client) =>
            Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
            {
                using var response = await client.GetAsync(new Uri("http://payments/"), Token);
            }))));
        var alice = await issuer.TokenAsync("alice");

        await front.CallAsync(alice);

        Assert.Equal(Enumerable.Repeat(alice, 50), seen.Tokens);
    }
}
