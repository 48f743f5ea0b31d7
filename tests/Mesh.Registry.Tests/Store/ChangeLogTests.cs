using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests.Store;

public sealed class ChangeLogTests
{
    private readonly FakeTimeProvider _time = Clock.Create();

    [Fact]
    public void Read_after_several_changes_of_one_instance_has_its_latest_only()
    {
        var log = new ChangeLog(TimeSpan.FromSeconds(180), 10, _time);
        log.Record(Samples.Instance(_time, "a") with { LastChange = ChangeKind.Added });
        log.Record(Samples.Instance(_time, "b") with { LastChange = ChangeKind.Added });
        log.Record(Samples.Instance(_time, "a") with { LastChange = ChangeKind.Deleted });

        Assert.Equal(
            [("b", ChangeKind.Added), ("a", ChangeKind.Deleted)], log.Read().Select(static change => (change.Id, change.LastChange)));
    }

    [Fact]
    public void Read_after_the_retention_has_forgotten_the_old_changes_only()
    {
        var log = new ChangeLog(TimeSpan.FromSeconds(180), 10, _time);
        log.Record(Samples.Instance(_time, "old"));
        _time.Advance(TimeSpan.FromSeconds(100));
        log.Record(Samples.Instance(_time, "new"));
        _time.Advance(TimeSpan.FromSeconds(80));
        Assert.Equal(2, log.Read().Length);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("new", Assert.Single(log.Read()).Id);
        Assert.True(log.IsComplete);
    }

    [Fact]
    public void IsComplete_after_more_changes_than_fit_is_false_for_the_retention()
    {
        var log = new ChangeLog(TimeSpan.FromSeconds(180), 2, _time);
        log.Record(Samples.Instance(_time, "a"));
        log.Record(Samples.Instance(_time, "b"));
        Assert.True(log.IsComplete);

        log.Record(Samples.Instance(_time, "c"));
        Assert.False(log.IsComplete);
        Assert.Equal(2, log.Read().Length);

        _time.Advance(TimeSpan.FromSeconds(181));
        Assert.True(log.IsComplete);
    }

    [Fact]
    public void IsComplete_after_changes_that_were_too_old_made_room_is_true()
    {
        var log = new ChangeLog(TimeSpan.FromSeconds(180), 2, _time);
        log.Record(Samples.Instance(_time, "a"));
        log.Record(Samples.Instance(_time, "b"));
        _time.Advance(TimeSpan.FromSeconds(181));

        log.Record(Samples.Instance(_time, "c"));

        Assert.True(log.IsComplete);
        Assert.Equal("c", Assert.Single(log.Read()).Id);
    }
}
