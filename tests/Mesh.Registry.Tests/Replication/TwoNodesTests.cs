using System.Text.Json.Nodes;
using Mesh.Registry.Instances;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Registry.Tests;

/// <summary>Two registries as real servers, and clients that know both.</summary>
public sealed class TwoNodesTests
{
    private const int Instances = 24;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Change_told_to_one_reaches_the_other()
    {
        var (nodes, client) = await StartAsync();
        await using var a = nodes[0];
        await using var b = nodes[1];
        using var both = client;
        using var toA = new FailoverClient([a]);
        var key = new InstanceKey("ORDERS", "i1");

        await toA.SendAsync(HttpMethod.Post, "apps/ORDERS", Samples.Json("i1"));
        await UntilAsync(() => b.Store.Snapshot.Find(key) is not null, "the registration reached the other");
        await toA.SendAsync(HttpMethod.Put, "apps/ORDERS/i1/status?value=OUT_OF_SERVICE");
        await UntilAsync(
            () => b.Store.Snapshot.Find(key) is { Status: InstanceStatus.OutOfService, Override: InstanceStatus.OutOfService },
            "the status reached the other");
        await toA.SendAsync(HttpMethod.Put, "apps/ORDERS/i1/metadata?color=blue");
        await UntilAsync(
            () => b.Store.Snapshot.Find(key)!.Metadata.Any(static entry => entry is { Key: "color", Value: "blue" }),
            "the metadata reached the other");
        await toA.SendAsync(HttpMethod.Delete, "apps/ORDERS/i1/status?value=UP");
        await UntilAsync(
            () => b.Store.Snapshot.Find(key) is { Status: InstanceStatus.Up, Override: null },
            "the removal of the status reached the other");
        await toA.SendAsync(HttpMethod.Put, "apps/ORDERS/i1");
        await UntilAsync(() => b.Store.Counters.Renewed == 1, "the heartbeat reached the other");
        await toA.SendAsync(HttpMethod.Delete, "apps/ORDERS/i1");
        await UntilAsync(() => b.Store.Snapshot.Find(key) is null, "the farewell reached the other");

        // What came from a peer is not passed on: nothing comes back.
        Assert.Equal(0, a.Store.Counters.Renewed - 1);
        Assert.Equal(0, b.Replicator.Peers[0].Pending);
    }

    [Fact]
    public async Task Instance_that_a_peer_does_not_know_is_told_by_its_next_heartbeat()
    {
        var (nodes, client) = await StartAsync();
        await using var a = nodes[0];
        await using var b = nodes[1];
        using var both = client;
        var key = new InstanceKey("ORDERS", "i1");
        await both.SendAsync(HttpMethod.Post, "apps/ORDERS", Samples.Json("i1"));
        await UntilAsync(() => a.Store.Snapshot.Count + b.Store.Snapshot.Count == 2, "both know it");
        b.Store.Cancel(key);

        using var toA = new FailoverClient([a]);
        await toA.SendAsync(HttpMethod.Put, "apps/ORDERS/i1");

        await UntilAsync(() => b.Store.Snapshot.Find(key) is not null, "the heartbeat made the other know it again");
    }

    [Fact]
    public async Task Node_killed_under_load_and_back_fails_no_call_and_loses_no_registration()
    {
        var (nodes, client) = await StartAsync();
        await using var a = nodes[0];
        await using var b = nodes[1];
        using var both = client;
        foreach (var number in Enumerable.Range(0, Instances))
        {
            await both.SendAsync(HttpMethod.Post, $"apps/APP{number % 3}", Samples.Json($"i{number}", $"APP{number % 3}"));
        }

        await UntilAsync(() => a.Store.Snapshot.Count == Instances && b.Store.Snapshot.Count == Instances, "both know all");

        using var load = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var calls = new int[2];
        var running = Enumerable.Range(0, 4).Select(worker => LoadAsync(both, worker, calls, load.Token)).ToArray();
        await UntilAsync(() => calls[0] > 50, "the load runs");

        await b.KillAsync();
        var before = Volatile.Read(ref calls[0]);
        await UntilAsync(() => calls[0] > before + 100 || running.Any(static task => task.IsFaulted), "the load goes on without it");
        await both.SendAsync(HttpMethod.Post, "apps/LATE", Samples.Json("late", "LATE"));
        await both.SendAsync(HttpMethod.Put, "apps/APP0/i0/status?value=OUT_OF_SERVICE");

        await b.StartAsync();

        // It serves from here on, and its first answer has everything.
        Assert.Equal(Instances + 1, b.Store.Snapshot.Count);
        Assert.Equal(InstanceStatus.OutOfService, b.Store.Snapshot.Find(new InstanceKey("APP0", "i0"))?.Status);
        before = Volatile.Read(ref calls[0]);
        await UntilAsync(() => calls[0] > before + 100 || running.Any(static task => task.IsFaulted), "the load goes on with it");
        await load.CancelAsync();
        await Task.WhenAll(running);
        Assert.Equal(0, calls[1]);
        await UntilAsync(
            () => a.Replicator.Peers[0] is { Pending: 0, IsReachable: true } && b.Replicator.Peers[0].Pending == 0,
            "nothing is left to be said");
        Assert.Equal(Picture(a), Picture(b));
        Assert.Equal(Instances + 1, a.Store.Snapshot.Count);
    }

    [Fact]
    public async Task Node_that_starts_without_its_peer_refuses_listings_until_the_wait_is_over()
    {
        var ports = RegistryNode.FreePorts(2);
        var logs = new FakeLogCollector();
        await using var node = new RegistryNode(
            ports[0],
            options =>
            {
                options.Peers.Add($"http://127.0.0.1:{ports[1]}/eureka/");
                options.PeerSyncTimeout = TimeSpan.FromMilliseconds(100);
                options.PeerSyncWait = TimeSpan.FromHours(1);
            },
            logs);
        await node.StartAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        using var registration = new StringContent(Samples.Json(), System.Text.Encoding.UTF8, "application/json");

        Assert.Equal(204, (int)(await http.PostAsync(node.Url + "apps/ORDERS", registration, Token)).StatusCode);
        foreach (var path in new[] { "apps", "apps/delta", "apps/ORDERS", "vips/orders", "svips/orders" })
        {
            using var refusal = await http.GetAsync(node.Url + path, Token);
            Assert.Equal(403, (int)refusal.StatusCode);
            Assert.Equal("text/plain", refusal.Content.Headers.ContentType?.ToString());
            var reason = await refusal.Content.ReadAsStringAsync(Token);
            Assert.Matches(
                @"^This registry has started without a copy of its peers\. It lists nothing for (3600|35\d\d) s more \(PeerSyncWait\), ",
                reason);

            // As much as a client of the mesh quotes.
            Assert.InRange(reason.Length, 1, 200);
        }

        var notice = Assert.Single(logs.GetSnapshot(), static record => record.Id.Id == 204);
        Assert.Equal((LogLevel.Warning, "ListingsRefused"), (notice.Level, notice.Id.Name));
        Assert.Contains($"http://127.0.0.1:{ports[1]}/eureka/", notice.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(logs.GetSnapshot(), static record => record.Id.Id == 205);

        Assert.Equal(200, (int)(await http.GetAsync(node.Url + "apps/ORDERS/a", Token)).StatusCode);
        Assert.Equal(503, (int)(await http.GetAsync(node.Url.Replace("/eureka/", "/health", StringComparison.Ordinal), Token)).StatusCode);
    }

    [Fact]
    public async Task Node_that_refused_listings_says_when_it_serves_them()
    {
        var ports = RegistryNode.FreePorts(2);
        var logs = new FakeLogCollector();
        await using var node = new RegistryNode(
            ports[0],
            options =>
            {
                options.Peers.Add($"http://127.0.0.1:{ports[1]}/eureka/");
                options.PeerSyncTimeout = TimeSpan.FromMilliseconds(100);
                options.PeerSyncWait = TimeSpan.FromMilliseconds(500);
            },
            logs);
        await node.StartAsync();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        using var registration = new StringContent(Samples.Json(), System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(204, (int)(await http.PostAsync(node.Url + "apps/ORDERS", registration, Token)).StatusCode);

        await UntilAsync(() => logs.GetSnapshot().Any(static record => record.Id.Id == 205), "the end of the wait is logged");

        Assert.Equal(200, (int)(await http.GetAsync(node.Url + "apps", Token)).StatusCode);
        var notice = Assert.Single(logs.GetSnapshot(), static record => record.Id.Id == 205);
        Assert.Equal((LogLevel.Information, "ListingsServed"), (notice.Level, notice.Id.Name));
        Assert.Single(logs.GetSnapshot(), static record => record.Id.Id == 204);
    }

    [Fact]
    public async Task Node_that_copies_a_peer_refuses_nothing_and_says_nothing_of_it()
    {
        var ports = RegistryNode.FreePorts(2);
        var logs = new FakeLogCollector();
        await using var first = new RegistryNode(ports[0], static _ => { });
        await first.StartAsync();
        await using var second = new RegistryNode(
            ports[1], options => options.Peers.Add($"http://127.0.0.1:{ports[0]}/eureka/"), logs);
        await second.StartAsync();
        using var http = new HttpClient();

        Assert.Equal(200, (int)(await http.GetAsync(second.Url + "apps", Token)).StatusCode);
        Assert.DoesNotContain(logs.GetSnapshot(), static record => record.Id.Id is 204 or 205);
    }

    private static async Task<(RegistryNode[] Nodes, FailoverClient Client)> StartAsync()
    {
        var ports = RegistryNode.FreePorts(2);
        var nodes = ports.Select((port, index) => new RegistryNode(port, options =>
        {
            options.Peers.Add($"http://127.0.0.1:{ports[1 - index]}/eureka/");
            options.PeerSyncTimeout = TimeSpan.FromSeconds(1);
            options.PeerSyncWait = TimeSpan.Zero;
        })).ToArray();

        // The first finds no peer and serves after its timeout; the second copies it.
        await nodes[0].StartAsync();
        await nodes[1].StartAsync();
        return (nodes, new FailoverClient(nodes));
    }

    /// <summary>Heartbeats and reads until it is told to stop; a read must have every instance.</summary>
    private static async Task LoadAsync(FailoverClient client, int worker, int[] calls, CancellationToken stop)
    {
        for (var turn = worker; !stop.IsCancellationRequested; turn += 4)
        {
            var number = turn % Instances;
            var (status, _) = await client.SendAsync(HttpMethod.Put, $"apps/APP{number % 3}/i{number}");
            if (status != 200)
            {
                Interlocked.Increment(ref calls[1]);
            }

            var (read, body) = await client.SendAsync(HttpMethod.Get, "apps");
            var listed = JsonNode.Parse(body)!["applications"]!["application"]!
                .AsArray()
                .Sum(static app => app!["instance"]!.AsArray().Count);
            if (read != 200 || listed < Instances)
            {
                Interlocked.Increment(ref calls[1]);
            }

            Interlocked.Increment(ref calls[0]);
        }
    }

    private static string Picture(RegistryNode node) => string.Join(' ', node.Store.Snapshot.Apps.Values
        .SelectMany(static instances => instances.Values)
        .Select(static instance => $"{instance.App}/{instance.Id}={instance.Status}/{instance.Override}"));

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!Token.IsCancellationRequested)
            {
                Assert.Fail($"Not within 30 s: {what}");
            }
        }
    }
}
