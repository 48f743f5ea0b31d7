using Mesh.Client.Discovery.Eureka;
using Microsoft.Extensions.Logging.Testing;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Eureka;

public class EurekaPublisherTests
{
    private readonly RecordingSink _sink = new();
    private readonly FakeLogger _logger = new();
    private readonly EurekaPublisher _publisher;

    private EurekaInstance[] _before = [];

    public EurekaPublisherTests() => _publisher = new EurekaPublisher(_sink, _logger);

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

    [Fact]
    public void Publish_ever_new_names_are_taken_up_to_the_limit_and_reported_once()
    {
        for (var round = 0; round < 3; round++)
        {
            Publish(Enumerable.Range(0, RegistryLimits.Services / 2).Select(i => Of($"i{i}", app: $"APP-{round}-{i}", vip: null, port: 1)), preferIPAddress: false);
        }

        Assert.Equal(RegistryLimits.Services, _sink.Services.Count);
        Assert.Equal(2112, Assert.Single(_logger.Collector.GetSnapshot(), record => record.Level == Microsoft.Extensions.Logging.LogLevel.Warning).Id.Id);

        // Those that are known still follow the registry.
        Publish([Of("i0", app: "APP-0-0", vip: null, port: 2)], preferIPAddress: false);
        Assert.Equal("http://127.0.0.1:2/", Assert.Single(_sink.Services["app-0-0"]).Address.AbsoluteUri);
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
        Publish([Of("a", port: 1, registered: 5), Of("b", port: 1, registered: 6), Of("c", port: 1, registered: 4)], preferIPAddress: false);

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
    public void Publish_thousand_instances_keeps_them_all()
    {
        Publish(Enumerable.Range(1, 1000).Select(i => Of($"i{i}", port: i)), preferIPAddress: false);

        Assert.Equal(1000, _sink.Services["orders"].Count);
    }

    /// <summary>What changes when these are believed in place of those of the last time.</summary>
    private bool Publish(IEnumerable<EurekaInstance> believed, bool preferIPAddress)
    {
        var changes = new BelievedChanges();
        Array.ForEach(_before, changes.Remove);
        _before = [.. believed];
        Array.ForEach(_before, changes.Add);
        return _publisher.Publish(changes, _before, preferIPAddress);
    }
}
