using Mesh.Client.Discovery;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;
using Microsoft.Extensions.Logging.Testing;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Eureka;

public class EurekaPublisherTests
{
    private readonly RecordingSink _sink = new();
    private readonly FakeLogger _logger = new();
    private readonly EurekaPublisher _publisher;

    private EurekaInstance[] _before = [];
    private EurekaInstance[] _idle = [];

    public EurekaPublisherTests() => _publisher = new EurekaPublisher(_sink, new(() => _logger));

    [Fact]
    public void Publish_gives_each_name_its_endpoints_and_only_what_changed_afterwards()
    {
        var billing = Of("b", app: "BILLING", port: 2, vip: "billing,billing-alt");
        Publish([Of("a", port: 1), billing], preferIPAddress: false);
        Assert.Equal(
            ["billing-alt=http://127.0.0.1:2/", "billing=http://127.0.0.1:2/", "orders=http://127.0.0.1:1/"],
            _sink.Take().Order(StringComparer.Ordinal));

        // The same again, in new objects and another order.
        Publish([Of("b", app: "BILLING", port: 2, vip: "billing,billing-alt"), Of("a", port: 1)], preferIPAddress: false);
        Assert.Empty(_sink.Take());

        Publish([Of("a", port: 3), billing], preferIPAddress: false);
        Assert.Equal(["orders=http://127.0.0.1:3/"], _sink.Take());
    }

    /// <summary>A change of the entry of an instance that leaves: its new form is told before its old one.</summary>
    [Fact]
    public void Publish_says_who_is_down_however_its_entry_changes()
    {
        PublishIdle([Of("a", RegistrationStatus.Down), Of("b", RegistrationStatus.Down, app: "OTHER"), Of("c", RegistrationStatus.Starting)]);
        Assert.Equal(["a", "b"], _sink.Leaving["orders"]!.Order(StringComparer.Ordinal));

        PublishIdle([Of("a", RegistrationStatus.Down, dataCenterZone: "elsewhere")]);
        Assert.Equal(["a"], _sink.Leaving["orders"]!);

        PublishIdle([Of("a", RegistrationStatus.OutOfService)]);
        Assert.Null(_sink.Leaving["orders"]);
    }

    [Fact]
    public void Publish_other_entry_of_who_is_down_is_no_news()
    {
        PublishIdle([Of("a", RegistrationStatus.Down)]);
        var said = _sink.Leaving["orders"];

        PublishIdle([Of("a", RegistrationStatus.Down, dataCenterZone: "elsewhere")]);

        Assert.Same(said, _sink.Leaving["orders"]);
    }

    [Fact]
    public void Publish_more_names_than_are_taken_are_refused_and_reported_once()
    {
        var all = Enumerable.Range(0, RegistryLimits.Services + 2).Select(i => Of($"i{i}", app: $"APP-{i}", vip: null, port: 1)).ToArray();
        Publish(all, preferIPAddress: false);
        Publish(all, preferIPAddress: false);

        Assert.Equal(RegistryLimits.Services, _sink.Services.Count);
        Assert.Equal(["app-10000", "app-10001"], _sink.Refused.Order(StringComparer.Ordinal));
        Assert.Equal(
            2112,
            Assert.Single(_logger.Collector.GetSnapshot(), record => record.Level == Microsoft.Extensions.Logging.LogLevel.Warning).Id.Id);

        // Once others leave, those that were refused are taken.
        Publish(all[3..], preferIPAddress: false);

        Assert.Empty(_sink.Refused);
        Assert.Single(_sink.Services["app-10000"]);
        Assert.Single(_sink.Services["app-10001"]);
        Assert.Equal(RegistryLimits.Services, _sink.Services.Count);
    }

    [Fact]
    public void Publish_name_that_is_listed_again_keeps_its_place()
    {
        var all = Enumerable.Range(0, RegistryLimits.Services).Select(i => Of($"i{i}", app: $"APP-{i}", vip: null, port: 1)).ToArray();
        Publish(all, preferIPAddress: false);
        Publish(all[1..], preferIPAddress: false);
        Publish(all, preferIPAddress: false);

        Publish([.. all, Of("new", app: "NEWSERVICE", vip: null, port: 3)], preferIPAddress: false);

        Assert.Single(_sink.Services["app-0"]);
        Assert.Equal(["newservice"], _sink.Refused);
    }

    [Fact]
    public void Publish_instance_with_ever_new_names_does_not_use_up_the_places()
    {
        _sink.Called.Add("x3");
        var next = 0;
        for (var round = 0; round < 1500; round++)
        {
            var vips = string.Join(',', Enumerable.Range(0, 15).Select(_ => $"x{next++}"));
            Publish([Of("good", port: 1), Of("evil", app: "EVIL", vip: vips, port: 2)], preferIPAddress: false);
        }

        Publish([Of("good", port: 1), Of("new", app: "NEWSERVICE", vip: null, port: 3)], preferIPAddress: false);

        Assert.Equal("http://127.0.0.1:3/", Assert.Single(_sink.Services["newservice"]).Address.AbsoluteUri);
        Assert.Single(_sink.Services["orders"]);
        Assert.Empty(_sink.Services["x3"]);
        Assert.InRange(_sink.Services.Count, 0, RegistryLimits.Services);
        Assert.Empty(_sink.Refused);
    }

    [Theory]
    [InlineData("STARTING", "its only instance is STARTING")]
    [InlineData("DOWN", "its only instance is DOWN")]
    [InlineData("OUT_OF_SERVICE", "its only instance is OUT_OF_SERVICE")]
    [InlineData("UNKNOWN", "its only instance is UNKNOWN")]
    public void Publish_instance_that_is_listed_with_another_status_makes_a_service_without_endpoint(string wire, string reason)
    {
        var status = EurekaStatusNames.Parse(System.Text.Encoding.UTF8.GetBytes(wire));
        PublishIdle([Of("a", status, port: 1, vip: "orders,alias")]);

        Assert.Equal(["alias=", "orders="], _sink.Take().Order(StringComparer.Ordinal));
        Assert.Equal(reason, _sink.Reasons["orders"]);

        PublishIdle([Of("a", status, port: 1), Of("b", status, port: 2)]);
        Assert.Equal(reason.Replace("only instance is", "2 instances are", StringComparison.Ordinal), _sink.Reasons["orders"]);
        Assert.Empty(_sink.Take());

        PublishIdle([]);
        Assert.Contains("lists none any more", _sink.Reasons["orders"], StringComparison.Ordinal);
    }

    [Fact]
    public void Publish_unusable_instances_and_mixed_states_say_what_there_is()
    {
        var changes = new AcceptedChanges();
        var unusable = Of("u", port: 1, portEnabled: false);
        changes.Add(unusable);
        changes.AddIdle(Of("a", RegistrationStatus.Starting, port: 2));
        changes.AddIdle(Of("b", RegistrationStatus.Down, port: 3));
        changes.AddIdle(Of("c", RegistrationStatus.Down, port: 4));
        _publisher.Publish(changes, [unusable], preferIPAddress: false);

        Assert.Equal("of its 4 instances 2 are DOWN, 1 is STARTING, 1 is unusable (no enabled port)", _sink.Reasons["orders"]);
        Assert.Empty(_sink.Services["orders"]);

        changes = new AcceptedChanges();
        changes.Remove(unusable);
        changes.Add(Of("u", port: 1));
        _publisher.Publish(changes, [], preferIPAddress: false);
        Assert.Null(_sink.Reasons["orders"]);
        Assert.Single(_sink.Services["orders"]);
    }

    [Fact]
    public void Publish_application_without_instances_is_a_service()
    {
        _publisher.Publish(new AcceptedChanges { EmptyApplications = ["HOLLOW", "bad\u2028name"] }, [], preferIPAddress: false);
        Assert.Equal(["hollow="], _sink.Take());
        Assert.Equal("the registry lists it without an instance", _sink.Reasons["hollow"]);
    }

    [Fact]
    public void Publish_instance_with_many_names_is_known_by_sixteen()
    {
        Publish([Of("a", port: 1, vip: string.Join(',', Enumerable.Range(0, 1000).Select(i => $"vip-{i}")))], preferIPAddress: false);

        Assert.Equal(RegistryLimits.NamesOfInstance, _sink.Services.Count);
    }

    [Fact]
    public void Publish_changed_label_is_a_change()
    {
        Publish([Of("a", port: 1, metadata: [new("version", "1")])], preferIPAddress: false);
        _sink.Take();

        Publish([Of("a", port: 1, metadata: [new("version", "2")])], preferIPAddress: false);

        Assert.Single(_sink.Take());
        Assert.Equal("2", _sink.Services["orders"][0].Labels["version"]);
    }

    [Fact]
    public void Publish_service_without_instances_is_published_empty_once()
    {
        Publish([Of("a", port: 1)], preferIPAddress: false);
        _sink.Take();

        Publish([], preferIPAddress: false);
        Publish([], preferIPAddress: false);

        Assert.Equal(["orders="], _sink.Take());
    }

    [Fact]
    public void Publish_two_ids_at_one_address_are_one_endpoint()
    {
        Publish([Of("old", port: 1), Of("new", port: 1), Of("x", port: 2)], preferIPAddress: false);

        Assert.Equal(["orders=http://127.0.0.1:1/,http://127.0.0.1:2/"], _sink.Take());
    }

    [Fact]
    public void Publish_two_ids_at_one_address_the_one_registered_later_is_there()
    {
        Publish(
            [Of("a", port: 1, registered: 5), Of("b", port: 1, registered: 6), Of("c", port: 1, registered: 4)], preferIPAddress: false);

        Assert.Equal("b", Assert.Single(_sink.Services["orders"]).InstanceId);
    }

    [Fact]
    public void Publish_registered_anew_is_a_change()
    {
        Assert.True(Publish([Of("a", port: 1, registered: 5)], preferIPAddress: false));
        Assert.False(Publish([Of("a", port: 1, registered: 5)], preferIPAddress: false));
        Assert.True(Publish([Of("a", port: 1, registered: 6)], preferIPAddress: false));

        Assert.Equal(6, Assert.Single(_sink.Services["orders"]).Registered);
    }

    [Fact]
    public void Publish_turning_to_addresses_takes_effect_on_known_instances()
    {
        var instance = Of("a", port: 1, ip: "10.0.0.9");
        Publish([instance], preferIPAddress: false);
        _sink.Take();

        Publish([instance], preferIPAddress: true);

        Assert.Equal(["orders=http://10.0.0.9:1/"], _sink.Take());
    }

    [Fact]
    public void Publish_unusable_instance_is_left_out_and_logged_once()
    {
        for (var i = 0; i < 3; i++)
        {
            Publish([Of("a", port: 1), Of("bad\n", port: 2)], preferIPAddress: false);
        }

        Assert.Equal(["orders=http://127.0.0.1:1/"], _sink.Take());
        var record = Assert.Single(_logger.Collector.GetSnapshot(), record => record.Id.Id == 2111);
        Assert.Equal("InstanceUnusable", record.Id.Name);
        Assert.Contains("bad?", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Publish_instance_that_was_usable_meanwhile_is_logged_again()
    {
        var instance = Of("a", port: 1, ip: "none of them");
        foreach (var preferIPAddress in new[] { true, false, true })
        {
            Publish([instance], preferIPAddress);

            Assert.Equal(preferIPAddress ? 0 : 1, _sink.Services["orders"].Count);
        }

        Assert.Equal(2, _logger.Collector.GetSnapshot().Count(static record => record.Id.Id == 2111));
    }

    [Fact]
    public void Publish_thousand_instances_keeps_them_all()
    {
        Publish(Enumerable.Range(1, 1000).Select(i => Of($"i{i}", port: i)), preferIPAddress: false);

        Assert.Equal(1000, _sink.Services["orders"].Count);
    }

    private void PublishIdle(EurekaInstance[] idle)
    {
        var changes = new AcceptedChanges();
        Array.ForEach(_idle, changes.RemoveIdle);
        _idle = idle;
        Array.ForEach(_idle, changes.AddIdle);
        _publisher.Publish(changes, [], preferIPAddress: false, idle: _idle);
    }

    /// <summary>What changes when these are believed in place of those of the last time.</summary>
    private bool Publish(IEnumerable<EurekaInstance> believed, bool preferIPAddress)
    {
        var changes = new AcceptedChanges();
        Array.ForEach(_before, changes.Remove);
        _before = [.. believed];
        Array.ForEach(_before, changes.Add);
        return _publisher.Publish(changes, _before, preferIPAddress);
    }
}
