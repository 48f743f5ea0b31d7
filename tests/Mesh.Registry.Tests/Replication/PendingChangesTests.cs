using Mesh.Registry.Instances;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Registry.Tests;

public sealed class PendingChangesTests
{
    private static readonly InstanceKey Key = new("ORDERS", "a");

    [Theory]
    [InlineData("Register,Heartbeat", "Register")]
    [InlineData("Register,StatusUpdate", "Register+StatusUpdate")]
    [InlineData("Register,StatusUpdate,DeleteStatusOverride", "Register+DeleteStatusOverride")]
    [InlineData("Heartbeat,Heartbeat", "Heartbeat")]
    [InlineData("Heartbeat,StatusUpdate", "StatusUpdate")]
    [InlineData("StatusUpdate,Heartbeat", "StatusUpdate")]
    [InlineData("StatusUpdate,Cancel", "Cancel")]
    [InlineData("Register,StatusUpdate,Cancel,Register", "Register")]
    [InlineData("StatusUpdate,Heartbeat,Register,StatusUpdate", "Register+StatusUpdate")]
    public async Task Take_after_several_changes_of_one_instance_says_what_they_come_to(string happened, string said)
    {
        using var pending = new PendingChanges(10);
        foreach (var action in happened.Split(','))
        {
            Assert.True(pending.Add(Key, PendingChange.Of(Enum.Parse<ReplicationAction>(action), InstanceStatus.Down)));
        }

        var (key, change) = Assert.Single(await pending.TakeAsync(10, TestContext.Current.CancellationToken));

        Assert.Equal(Key, key);
        Assert.Equal(said, string.Join('+', new[] { change.Existence, change.StatusAction }.Where(static action => action is not null)));
    }

    [Theory]
    [InlineData("clear", "register")]
    [InlineData("clear", "register", "register")]
    [InlineData("set", "register")]
    [InlineData("cancel", "register")]
    [InlineData("cancel", "register", "set", "register")]
    [InlineData("clear", "register", "set")]
    [InlineData("set", "register", "clear", "register")]
    [InlineData("register", "cancel", "register", "clear")]
    public async Task Take_after_an_absence_leaves_the_peer_with_the_same_status_and_override(params string[] happened)
    {
        await using var here = await RegistryServer.StartAsync();
        await using var peer = await RegistryServer.StartAsync();
        foreach (var registry in new[] { here, peer })
        {
            StoreOf(registry).Register(Samples.Instance(registry.Time));
            StoreOf(registry).SetStatus(Key, InstanceStatus.Down, null);
        }

        using var pending = new PendingChanges(10);
        foreach (var what in happened)
        {
            var action = what switch
            {
                "clear" => ReplicationAction.DeleteStatusOverride,
                "set" => ReplicationAction.StatusUpdate,
                "cancel" => ReplicationAction.Cancel,
                _ => ReplicationAction.Register,
            };
            Assert.True(action switch
            {
                ReplicationAction.DeleteStatusOverride => StoreOf(here).ClearStatus(Key, InstanceStatus.Unknown, null),
                ReplicationAction.StatusUpdate => StoreOf(here).SetStatus(Key, InstanceStatus.OutOfService, null),
                ReplicationAction.Cancel => StoreOf(here).Cancel(Key),
                _ => StoreOf(here).Register(Samples.Instance(here.Time)),
            });
            pending.Add(
                Key,
                PendingChange.Of(action, action == ReplicationAction.StatusUpdate ? InstanceStatus.OutOfService : InstanceStatus.Unknown));
        }

        var changes = await pending.TakeAsync(10, TestContext.Current.CancellationToken);
        var (batch, _, _) = BatchWriter.Write([.. changes], int.MaxValue, StoreOf(here).Snapshot, DateTimeOffset.UnixEpoch);
        using var content = new ReadOnlyMemoryContent(batch);
        content.Headers.ContentType = new("application/json");
        Assert.Equal(
            200,
            (int)(await peer.Client.PostAsync(new Uri("/eureka/peerreplication/batch/", UriKind.Relative), content,
                TestContext.Current.CancellationToken)).StatusCode);

        var (expected, told) = (StoreOf(here).Snapshot.Find(Key)!, StoreOf(peer).Snapshot.Find(Key)!);
        Assert.Equal((expected.Status, expected.Override), (told.Status, told.Override));
    }

    [Fact]
    public async Task Add_over_the_capacity_is_refused_for_further_instances_only()
    {
        using var pending = new PendingChanges(1);
        Assert.True(pending.Add(Key, PendingChange.Of(ReplicationAction.Heartbeat, default)));

        Assert.False(pending.Add(new InstanceKey("ORDERS", "b"), PendingChange.Of(ReplicationAction.Heartbeat, default)));
        Assert.True(pending.Add(Key, PendingChange.Of(ReplicationAction.Cancel, default)));
        Assert.Equal(
            ReplicationAction.Cancel, Assert.Single(await pending.TakeAsync(10, TestContext.Current.CancellationToken)).Value.Existence);
        Assert.Equal(0, pending.Count);
    }

    [Fact]
    public async Task Take_keeps_the_order_and_takes_at_most_what_fits()
    {
        using var pending = new PendingChanges(10);
        foreach (var id in new[] { "c", "a", "b" })
        {
            pending.Add(new InstanceKey("ORDERS", id), PendingChange.Of(ReplicationAction.Heartbeat, default));
        }

        Assert.Equal(
            ["c", "a"], (await pending.TakeAsync(2, TestContext.Current.CancellationToken)).Select(static change => change.Key.Id));
        Assert.Equal(["b"], (await pending.TakeAsync(2, TestContext.Current.CancellationToken)).Select(static change => change.Key.Id));
    }

    [Fact]
    public async Task Bomb_of_metadata_is_told_in_batches_that_a_peer_takes()
    {
        await using var here = await RegistryServer.StartAsync();
        await using var peer = await RegistryServer.StartAsync();
        using var pending = new PendingChanges(1000);
        var metadata = $$"""{"long":"{{new string('x', 16_000)}}"}""";
        for (var i = 0; i < 300; i++)
        {
            await here.RegisterAsync("ORDERS", Samples.Json($"i{i}", metadata: metadata));
            pending.Add(new InstanceKey("ORDERS", $"i{i}"), PendingChange.Of(ReplicationAction.Register, default));
        }

        var changes = await pending.TakeAsync(1000, TestContext.Current.CancellationToken);
        var batches = 0;
        for (var told = 0; told < changes.Count; batches++)
        {
            var (batch, items, count) = BatchWriter.Write(
                changes.Skip(told).ToArray(), Samples.Settings().MaxBatchBytes, StoreOf(here).Snapshot, DateTimeOffset.UnixEpoch);
            using var content = new ReadOnlyMemoryContent(batch);
            content.Headers.ContentType = new("application/json");
            using var answer = await peer.Client.PostAsync(
                new Uri("/eureka/peerreplication/batch/", UriKind.Relative), content, TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(count, items.Count);
            told += count;
        }

        Assert.Equal(300, StoreOf(peer).Snapshot.Count);
        Assert.InRange(batches, 2, 4);
    }

    private static RegistryStore StoreOf(RegistryServer server) => server.Services.GetRequiredService<RegistryStore>();
}
