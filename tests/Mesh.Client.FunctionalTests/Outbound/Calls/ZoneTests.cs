using System.Collections.Concurrent;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>Real servers in two zones.</summary>
public sealed class ZoneTests
{
    private const int Each = 3;

    private static readonly Uri Orders = new("http://orders/");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_stay_in_the_zone_and_none_fails_when_it_dies()
    {
        var here = await StartAsync("here");
        var there = await StartAsync("there");
        try
        {
            await using var application = new MeshApplication(
                new Settings().With("Service:Zone", "eu-1a").With("Security:Endpoints:AllowLoopback", "true"),
                services => services.AddSingleton<IMeshSource>(new ZoneSource(here, there)));
            using var client = application.Client();
            for (var i = 0; i < 100; i++)
            {
                Assert.Equal("here", await client.GetStringAsync(Orders, Token));
            }

            // Not how many each: calls one after the other may all find the same one idle, and as good as any.
            Assert.Equal(100, here.Sum(server => server.Requests));
            Assert.All(there, server => Assert.Equal(0, server.Requests));

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var failures = new ConcurrentQueue<string>();
            var callers = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => CallAsync(client, failures, stop.Token))));
            await Task.WhenAll(here.Select(server => server.DisposeAsync().AsTask()));
            var before = there.Sum(server => server.Requests);
            await Patience.UntilAsync(
                () => there.Sum(server => server.Requests) > before + 300 || !failures.IsEmpty, "the other zone has taken over");
            await stop.CancelAsync();
            await callers;

            Assert.Empty(failures);
        }
        finally
        {
            foreach (var server in there)
            {
                await server.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Reload_moves_the_calls_to_the_zone_that_this_process_is_in_now()
    {
        var here = await StartAsync("here");
        var there = await StartAsync("there");
        try
        {
            var settings = new Settings().With("Security:Endpoints:AllowLoopback", "true");
            await using var application = new MeshApplication(
                settings.With("Service:Zone", "eu-1a"), services => services.AddSingleton<IMeshSource>(new ZoneSource(here, there)));
            using var client = application.Client();
            Assert.Equal("here", await client.GetStringAsync(Orders, Token));

            application.Save(settings.With("Service:Zone", "eu-1b"));

            // Calls that come before the change is in force change nothing about the rest.
            var row = 0;
            await Patience.UntilAsync(
                async () => (row = await client.GetStringAsync(Orders, Token) == "there" ? row + 1 : 0) == 30,
                "all calls go to the other zone");
        }
        finally
        {
            foreach (var server in here.Concat(there))
            {
                await server.DisposeAsync();
            }
        }
    }

    private static async Task CallAsync(HttpClient client, ConcurrentQueue<string> failures, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await client.GetStringAsync(Orders, CancellationToken.None);
            }
            catch (HttpRequestException exception)
            {
                failures.Enqueue(exception.ToString());
            }
        }
    }

    private static Task<TestServer[]> StartAsync(string answer) =>
        Task.WhenAll(Enumerable.Range(0, Each).Select(_ => TestServer.StartAsync(answer)));

    private sealed class ZoneSource(TestServer[] here, TestServer[] there) : IMeshSource
    {
        public string Name => "zones";

        public Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
        {
            sink.Publish("orders", [.. here.Select(server => In(server, "eu-1a")), .. there.Select(server => In(server, "eu-1b"))]);
            sink.Ready();
            return Task.CompletedTask;
        }

        private static EndpointDescription In(TestServer server, string zone) => new() { Address = new Uri(server.Url), Zone = zone };
    }
}
