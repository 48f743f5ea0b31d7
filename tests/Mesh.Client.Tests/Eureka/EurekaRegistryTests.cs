using Mesh.Client.Discovery;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Eureka;

public class EurekaRegistryTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);
    private readonly EurekaRegistry _registry = new();

    [Fact]
    public void Believed_holds_instances_that_are_up_only()
    {
        _registry.Replace(
            Full(
                Of("a"),
                Of("b", RegistrationStatus.Down),
                Of("c", RegistrationStatus.Starting),
                Of("d", RegistrationStatus.OutOfService),
                Of("e", RegistrationStatus.Unknown)),
            TimeSpan.Zero,
            Grace);

        Assert.Equal(["a"], Believed());
    }

    [Fact]
    public void Replace_empty_registry_keeps_everything_until_grace_is_over()
    {
        _registry.Replace(Full(Of("a"), Of("b")), TimeSpan.Zero, Grace);

        _registry.Replace(Full(), TimeSpan.FromSeconds(30), Grace);
        Assert.Equal(["a", "b"], Believed());

        _registry.Replace(Full(), TimeSpan.FromSeconds(30) + Grace - TimeSpan.FromTicks(1), Grace);
        Assert.Equal(["a", "b"], Believed());

        _registry.Replace(Full(), TimeSpan.FromSeconds(30) + Grace, Grace);
        Assert.Empty(Believed());
    }

    [Fact]
    public void Replace_refilling_registry_keeps_those_that_have_not_come_back_yet()
    {
        _registry.Replace(Full(Of("a"), Of("b"), Of("c")), TimeSpan.Zero, Grace);
        _registry.Replace(Full(), TimeSpan.FromSeconds(30), Grace);

        _registry.Replace(Full(Of("b")), TimeSpan.FromSeconds(60), Grace);

        Assert.Equal(["a", "b", "c"], Believed());
        Assert.Equal(2, _registry.VanishedCount);
    }

    [Theory]
    [InlineData("DOWN")]
    [InlineData("OUT_OF_SERVICE")]
    [InlineData("STARTING")]
    public void Replace_listed_with_another_status_removes_at_once(string name)
    {
        var status = EurekaStatusNames.Parse(name);
        _registry.Replace(Full(Of("a"), Of("b")), TimeSpan.Zero, Grace);

        _registry.Replace(Full(Of("a", status), Of("b")), TimeSpan.FromSeconds(30), Grace);

        Assert.Equal(["b"], Believed());
    }

    [Fact]
    public void Replace_kept_instance_that_is_listed_down_leaves()
    {
        _registry.Replace(Full(Of("a")), TimeSpan.Zero, Grace);
        _registry.Replace(Full(), TimeSpan.FromSeconds(30), Grace);

        _registry.Replace(Full(Of("a", RegistrationStatus.Down)), TimeSpan.FromSeconds(60), Grace);

        Assert.Empty(Believed());
    }

    [Fact]
    public void Replace_instance_back_at_its_address_under_a_new_id_is_not_kept_twice()
    {
        _registry.Replace(Full(Of("old", port: 8080)), TimeSpan.Zero, Grace);

        _registry.Replace(Full(Of("new", port: 8080)), TimeSpan.FromSeconds(30), Grace);

        Assert.Equal(["new"], Believed());
    }

    [Theory]
    // The address of a container passes to another service.
    [InlineData("10.1.0.1", "10.1.0.1", 8080, true, RegistrationStatus.Up, false, false)]
    [InlineData("10.1.0.1", "10.1.0.1", 8080, false, RegistrationStatus.Up, false, true)]
    [InlineData("10.1.0.1", "10.1.0.1", 8081, true, RegistrationStatus.Up, false, true)]
    [InlineData("10.1.0.1", "10.1.0.1", 8080, true, RegistrationStatus.Starting, false, true)]
    // Containers of several machines may have one address; then they are called by the names of these.
    [InlineData("host-a", "host-b", 8080, true, RegistrationStatus.Up, false, true)]
    [InlineData("pod-a", "pod-b", 8080, true, RegistrationStatus.Up, true, false)]
    public void Replace_kept_instance_leaves_where_another_application_is_at_its_address(
        string host, string otherHost, int otherPort, bool enabled, object status, bool byAddress, bool stays)
    {
        _registry.PreferIPAddress = byAddress;
        _registry.Replace(Full(Of("a", host: host, port: 8080)), TimeSpan.Zero, Grace);

        var other = Of("b", (RegistrationStatus)status, "SHOP", otherHost, otherPort, enabled, secureEnabled: !enabled);
        _registry.Replace(Full(other), TimeSpan.FromSeconds(30), Grace);

        Assert.Equal(stays, Believed().Contains("a"));
    }

    [Theory]
    // One host in two forms.
    [InlineData("127.0.0.1", "10.0.0.8", "localhost", "127.0.0.1", false, false)]
    [InlineData("localhost", "10.0.0.8", "127.0.0.1", "10.0.0.7", false, false)]
    [InlineData("[::1]", "10.0.0.8", "localhost", null, false, false)]
    [InlineData("::1", "10.0.0.8", "127.0.0.1", null, false, false)]
    [InlineData("::ffff:127.0.0.1", null, "LOCALHOST.", null, false, false)]
    [InlineData("shop.localhost", null, "127.0.0.1", null, false, false)]
    [InlineData("LOCALHOST", "10.0.0.8", "localhost", "10.0.0.7", false, false)]
    [InlineData("Host-A.corp", null, "host-a.CORP.", null, false, false)]
    [InlineData("fd00:0:0::5", null, "[FD00::5]", null, false, false)]
    [InlineData("::ffff:10.1.0.1", null, "10.1.0.1", null, false, false)]
    // The name of one is the address of the other.
    [InlineData("10.1.0.1", "10.1.0.1", "pod-b", "10.1.0.1", false, false)]
    [InlineData("pod-a", "::ffff:10.1.0.1", "10.1.0.1", "10.0.0.7", false, false)]
    // The short and the long name of one machine.
    [InlineData("host-a", "10.1.0.1", "host-a.corp.example", "10.1.0.1", false, false)]
    [InlineData("HOST-A.corp.example", "10.1.0.1", "host-a", "10.1.0.1", false, false)]
    [InlineData("host-a", "10.1.0.1", "host-a.corp.example", "10.1.0.2", false, true)]
    [InlineData("host", "10.1.0.1", "host-a.corp.example", "10.1.0.1", false, true)]
    // By address.
    [InlineData("pod-a", "fd00::5", "pod-b", "FD00:0::5", true, false)]
    [InlineData("pod-a", "10.1.0.1", "pod-b", "::ffff:10.1.0.1", true, false)]
    [InlineData("pod-a", null, "POD-A", "unknown", true, false)]
    // Containers behind the name of their machine, called by their own addresses.
    [InlineData("host-a", "10.1.0.1", "host-a", "10.1.0.2", true, true)]
    // What stands in place of an address is none.
    [InlineData("pod-a", "0.0.0.0", "pod-b", "0.0.0.0", true, true)]
    [InlineData("pod-a", "::", "pod-b", "0.0.0.0", true, true)]
    [InlineData("pod-a", "unknown", "pod-b", "UNKNOWN", true, true)]
    [InlineData("pod-a", "0", "pod-b", "0", true, true)]
    [InlineData("pod-a", "", "pod-b", "", true, true)]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2", false, true)]
    public void Replace_kept_instance_leaves_where_another_application_is_at_its_address_in_another_form(
        string host, string? ip, string otherHost, string? otherIp, bool byAddress, bool stays)
    {
        foreach (var (before, beforeIp, after, afterIp) in new[] { (host, ip, otherHost, otherIp), (otherHost, otherIp, host, ip) })
        {
            var registry = new EurekaRegistry { PreferIPAddress = byAddress };
            registry.Replace(Full(Of("a", host: before, ip: beforeIp, port: 8080)), TimeSpan.Zero, Grace);

            registry.Replace(Full(Of("b", app: "SHOP", host: after, ip: afterIp, port: 8080)), TimeSpan.FromSeconds(30), Grace);

            Assert.Equal(stays, registry.Accepted().Any(instance => instance.Id == "a"));
        }
    }

    [Theory]
    [InlineData(8443, true, false)]
    [InlineData(8443, false, true)]
    [InlineData(9443, true, true)]
    public void Replace_kept_instance_leaves_where_another_application_has_one_of_its_ports(int port, bool enabled, bool stays)
    {
        _registry.Replace(
            Full(Of("a", host: "127.0.0.1", port: 8080, securePort: 8443, secureEnabled: enabled)), TimeSpan.Zero, Grace);

        _registry.Replace(Full(Of("b", app: "SHOP", host: "Localhost", port: port)), TimeSpan.FromSeconds(30), Grace);

        Assert.Equal(stays, Believed().Contains("a"));
    }

    [Fact]
    public void Replace_listed_instances_share_an_address_in_two_forms()
    {
        _registry.Replace(Full(Of("a", host: "gateway", port: 443), Of("gone")), TimeSpan.Zero, Grace);

        _registry.Replace(
            Full(Of("a", host: "gateway", port: 443), Of("b", app: "SHOP", host: "GATEWAY.", port: 443)), TimeSpan.FromSeconds(30), Grace);

        Assert.Equal(["a", "b", "gone"], Believed());
    }

    [Fact]
    public void ReplaceRegistry_service_that_it_lists_has_no_other_instances()
    {
        _registry.Replace(Full(Of("old"), Of("bill", app: "BILL", vip: "bill", port: 2)), TimeSpan.Zero, Grace);

        _registry.ReplaceRegistry(Full(Of("new", port: 3)), TimeSpan.FromSeconds(30), Grace);

        Assert.Equal(["bill", "new"], Believed());
        _registry.Replace(Full(Of("new", port: 3)), TimeSpan.FromSeconds(30) + Grace, Grace);
        Assert.Equal(["new"], Believed());
    }

    [Fact]
    public void ReplaceRegistry_service_that_is_not_up_there_keeps_its_instances()
    {
        _registry.Replace(Full(Of("old")), TimeSpan.Zero, Grace);

        _registry.ReplaceRegistry(Full(Of("new", port: 3, status: RegistrationStatus.Starting)), TimeSpan.FromSeconds(30), Grace);

        Assert.Equal(["old"], Believed());
    }

    [Fact]
    public void Apply_doubted_instance_leaves_where_another_application_is_at_its_address()
    {
        var all = Enumerable.Range(1, 12).Select(i => Of($"i{i}", host: $"10.1.0.{i}", port: 8080)).ToArray();
        _registry.Replace(Full(all), TimeSpan.Zero, Grace);
        var deleted = all.Select((_, i) => Of($"i{i + 1}", host: $"10.1.0.{i + 1}", port: 8080, deleted: true));
        var other = Of("other", app: "SHOP", host: "10.1.0.3", port: 8080);

        _registry.Apply(new EurekaApplications(EurekaHash.Of([other]), [.. deleted, other]), TimeSpan.FromSeconds(30), Grace);

        Assert.Contains("i2", Believed());
        Assert.DoesNotContain("i3", Believed());
    }

    [Fact]
    public void Replace_instance_that_was_not_up_is_not_kept()
    {
        _registry.Replace(Full(Of("a", RegistrationStatus.Down)), TimeSpan.Zero, Grace);

        _registry.Replace(Full(), TimeSpan.FromSeconds(30), Grace);

        Assert.Empty(Believed());
    }

    [Fact]
    public void Replace_without_grace_believes_the_registry_at_once()
    {
        _registry.Replace(Full(Of("a")), TimeSpan.Zero, TimeSpan.Zero);

        _registry.Replace(Full(), TimeSpan.FromSeconds(30), TimeSpan.Zero);

        Assert.Empty(Believed());
    }

    [Fact]
    public void Apply_adds_changes_and_deletes_and_matches_the_hash()
    {
        _registry.Replace(Full(Of("a"), Of("b"), Of("c")), TimeSpan.Zero, Grace);

        var matches = _registry.Apply(
            new EurekaApplications("DOWN_1_UP_2_", [Of("a", deleted: true), Of("b", RegistrationStatus.Down), Of("d")]),
            TimeSpan.FromSeconds(30),
            Grace);

        Assert.True(matches);
        Assert.Equal(["c", "d"], Believed());
    }

    [Fact]
    public void Apply_last_instance_deleted_leaves_none()
    {
        _registry.Replace(Full(Of("a")), TimeSpan.Zero, Grace);

        Assert.True(_registry.Apply(new EurekaApplications("", [Of("a", deleted: true)]), TimeSpan.FromSeconds(30), Grace));
        Assert.Empty(Believed());
    }

    [Fact]
    public void Apply_deleted_removes_a_kept_instance()
    {
        _registry.Replace(Full(Of("a")), TimeSpan.Zero, Grace);
        _registry.Replace(Full(), TimeSpan.FromSeconds(30), Grace);

        _registry.Apply(new EurekaApplications("", [Of("a", deleted: true)]), TimeSpan.FromSeconds(60), Grace);

        Assert.Empty(Believed());
    }

    [Theory]
    [InlineData("UP_2_")]
    [InlineData("")]
    [InlineData(null)]
    public void Apply_another_hash_asks_for_a_full_answer(string? hash)
    {
        _registry.Replace(Full(Of("a")), TimeSpan.Zero, Grace);

        Assert.False(_registry.Apply(new EurekaApplications(hash, []), TimeSpan.FromSeconds(30), Grace));
    }

    [Fact]
    public void Apply_ends_the_grace_too()
    {
        _registry.Replace(Full(Of("a"), Of("b")), TimeSpan.Zero, Grace);
        _registry.Replace(Full(Of("b")), TimeSpan.Zero, Grace);

        _registry.Apply(new EurekaApplications("UP_1_", []), Grace, Grace);

        Assert.Equal(["b"], Believed());
    }

    [Theory]
    [InlineData(10, 5, false)]
    [InlineData(10, 6, true)]
    [InlineData(9, 9, false)]
    [InlineData(100, 100, true)]
    public void Mass_deletion_of_more_than_half_is_doubted_until_grace_is_over(int all, int leaving, bool doubted)
    {
        foreach (var by in new[] { "full", "delta", "deleted" })
        {
            var registry = new EurekaRegistry();
            var before = Enumerable.Range(0, all).Select(i => Of($"i{i}", port: 1000 + i)).ToArray();
            registry.Replace(Full(before), TimeSpan.Zero, Grace);
            var gone = before.Take(leaving).Select(
                (_, i) => Of(
                    $"i{i}", by == "deleted" ? RegistrationStatus.Up : RegistrationStatus.Down, port: 1000 + i, deleted: by == "deleted"))
                    .ToArray();
            var after = by == "deleted" ? before[leaving..] : [.. gone, .. before[leaving..]];
            void Say(TimeSpan now)
            {
                if (by == "full")
                {
                    registry.Replace(Full(after), now, Grace);
                }
                else
                {
                    // A registry repeats a change in every delta of the next minutes.
                    Assert.True(registry.Apply(new EurekaApplications(EurekaHash.Of(after), gone), now, Grace));
                }
            }

            Say(TimeSpan.FromSeconds(30));
            Say(TimeSpan.FromSeconds(60));
            Assert.Equal(doubted ? all : all - leaving, registry.Accepted().Count());
            Assert.Equal(doubted ? leaving : 0, registry.DoubtedCount);
            Assert.Equal(0, registry.VanishedCount);

            Say(TimeSpan.FromSeconds(30) + Grace);
            Assert.Equal(all - leaving, registry.Accepted().Count());
            Assert.Equal(0, registry.DoubtedCount);
        }
    }

    [Fact]
    public void Mass_deletion_taken_back_leaves_nothing_doubted()
    {
        var all = Enumerable.Range(0, 20).Select(i => Of($"i{i}", port: 1000 + i)).ToArray();
        _registry.Replace(Full(all), TimeSpan.Zero, Grace);
        _registry.Replace(
            Full([.. all.Select((_, i) => Of($"i{i}", RegistrationStatus.Down, port: 1000 + i))]), TimeSpan.FromSeconds(30), Grace);
        Assert.Equal(20, _registry.DoubtedCount);

        _registry.Replace(Full(all), TimeSpan.FromSeconds(60), Grace);

        Assert.Equal(0, _registry.DoubtedCount);
        Assert.Equal(20, Believed().Length);
    }

    [Fact]
    public void Mass_deletion_without_grace_is_believed_at_once()
    {
        _registry.Replace(Full([.. Enumerable.Range(0, 20).Select(i => Of($"i{i}", port: 1000 + i))]), TimeSpan.Zero, TimeSpan.Zero);

        _registry.Replace(
            Full([.. Enumerable.Range(0, 20).Select(i => Of($"i{i}", RegistrationStatus.Down, port: 1000 + i))]),
            TimeSpan.FromSeconds(30),
            TimeSpan.Zero);

        Assert.Empty(Believed());
    }

    [Fact]
    public void Apply_changes_that_add_up_to_more_than_a_registry_may_have_are_not_taken()
    {
        _registry.Replace(Full(Of("a")), TimeSpan.Zero, Grace);
        var flood = Enumerable.Range(0, RegistryLimits.Instances).Select(i => Of($"i{i}")).ToArray();

        Assert.False(_registry.Apply(new EurekaApplications($"UP_{flood.Length + 1}_", flood), TimeSpan.FromSeconds(30), Grace));

        Assert.Equal(["a"], Believed());
    }

    private string[] Believed() => [.. _registry.Accepted().Select(instance => instance.Key.Id).Order(StringComparer.Ordinal)];
}
