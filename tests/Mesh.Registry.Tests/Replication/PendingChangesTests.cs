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

    [Fact]
    public async Task Add_over_the_capacity_is_refused_for_further_instances_only()
    {
        using var pending = new PendingChanges(1);
        Assert.True(pending.Add(Key, PendingChange.Of(ReplicationAction.Heartbeat, default)));

        Assert.False(pending.Add(new InstanceKey("ORDERS", "b"), PendingChange.Of(ReplicationAction.Heartbeat, default)));
        Assert.True(pending.Add(Key, PendingChange.Of(ReplicationAction.Cancel, default)));
        Assert.Equal(ReplicationAction.Cancel, Assert.Single(await pending.TakeAsync(10, TestContext.Current.CancellationToken)).Value.Existence);
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

        Assert.Equal(["c", "a"], (await pending.TakeAsync(2, TestContext.Current.CancellationToken)).Select(static change => change.Key.Id));
        Assert.Equal(["b"], (await pending.TakeAsync(2, TestContext.Current.CancellationToken)).Select(static change => change.Key.Id));
    }
}
