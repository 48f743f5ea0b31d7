using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>Real servers on two levels of priority; those of the first accept requests and no longer answer.</summary>
public sealed class HangingLevelTests
{
    /// <summary>Twenty calls each second and 50 ms.</summary>
    private const int CallsPerTick = 4;

    private static readonly Uri Orders = new("http://orders/");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public async Task Level_that_hangs_as_a_whole_hands_over_to_the_next(int first, int reserve)
    {
        var hangs = false;
        async Task Answer(HttpContext context)
        {
            if (Volatile.Read(ref hangs))
            {
                await Patience.PassAsync(Timeout.InfiniteTimeSpan, context.RequestAborted);
            }

            // Long enough that many calls are under way when the first is given up.
            await Patience.PassAsync(TimeSpan.FromMilliseconds(100), context.RequestAborted);
            await context.Response.WriteAsync("first");
        }

        var servers = await Task.WhenAll(
            Enumerable.Range(0, first).Select(_ => TestServer.StartAsync(Answer))
                .Concat(Enumerable.Range(0, reserve).Select(_ => TestServer.StartAsync("reserve"))));
        try
        {
            var settings = new Settings().With("Services:orders:Timeout", TimeSpan.FromSeconds(5));
            for (var i = 0; i < servers.Length; i++)
            {
                settings = settings
                    .With($"Services:orders:Endpoints:{i}:Address", servers[i].Url)
                    .With($"Services:orders:Endpoints:{i}:Labels:priority", i < first ? "0" : "1");
            }

            await using var application = new MeshApplication(settings);
            using var client = application.Client();

            // The first call of a process is slow. Only one is, so that it is none of the slowest hundredth below.
            Assert.Equal("first", await CallAsync(client));
            var healthy = await CallsAsync(client, ticks: 80);
            Assert.All(healthy, static answer => Assert.Equal("first", answer));

            Volatile.Write(ref hangs, true);
            var answers = await CallsAsync(client, ticks: 160);

            Assert.All(answers, static answer => Assert.Equal("reserve", answer));
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>At a steady rate, however many are under way: what each got, or how it failed.</summary>
    private static async Task<string[]> CallsAsync(HttpClient client, int ticks)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        var calls = new List<Task<string>>();
        for (var i = 0; i < ticks; i++)
        {
            for (var j = 0; j < CallsPerTick; j++)
            {
                calls.Add(CallAsync(client));
            }

            await timer.WaitForNextTickAsync(Token);
        }

        return await Task.WhenAll(calls).Soon();
    }

    private static async Task<string> CallAsync(HttpClient client)
    {
        try
        {
            return await client.GetStringAsync(Orders, Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return exception.Message;
        }
    }
}
