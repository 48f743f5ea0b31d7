using System.Buffers;
using System.Text;
using System.Text.Json;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Tests.Eureka.Wire;

/// <summary>Reading without a tree: pieces, order, reuse, and texts that are none.</summary>
public sealed class InstanceReaderTests
{
    private readonly ReaderMemory _memory = new();

    [Theory]
    [InlineData("apps-three")]
    [InlineData("apps-after-cancel")]
    [InlineData("legacy-apps-three")]
    public void Read_from_pieces_of_any_size_gives_the_same(string capture)
    {
        var bytes = Captures.Bytes(capture);
        var whole = Picture(EurekaReader.Read(bytes));

        foreach (var size in new[] { 1, 2, 3, 7, 64, 1000 })
        {
            Assert.Equal(whole, Picture(EurekaReader.Read(Pieces.Of(bytes, size), new ReaderMemory())));
        }
    }

    [Theory]
    [InlineData("""{"instanceId":"","hostName":"h"}""", "h")]
    [InlineData("""{"hostName":"h"}""", "h")]
    [InlineData("""{"instanceId":"","hostName":"h","dataCenterInfo":{"name":"Amazon","metadata":{"instance-id":"i-07"}},"metadata":{"instanceId":"m"}}""", "i-07")]
    [InlineData("""{"hostName":"h","dataCenterInfo":{"name":"MyOwn"},"metadata":{"a":"b","instanceId":"h:orders:2"}}""", "h:orders:2")]
    [InlineData("""{"hostName":"h","metadata":{"instanceId":""}}""", "h")]
    [InlineData("""{"instanceId":"a","hostName":"h","metadata":{"instanceId":"m"}}""", "a")]
    public void Read_instance_without_an_id_has_the_one_that_a_server_gives_it(string instance, string id) => Assert.Equal(
        id,
        Assert.Single(Read("""{"applications":{"application":{"name":"A","instance":[FIELDS]}}}""".Replace("FIELDS", instance,
            StringComparison.Ordinal)).Instances).Id);

    [Theory]
    [InlineData("True", true)]
    [InlineData("TRUE", true)]
    [InlineData("true", true)]
    [InlineData("False", false)]
    [InlineData("yes", false)]
    public void Read_port_is_enabled_in_any_case(string text, bool enabled) => Assert.Equal(
        enabled,
        Assert.Single(Read("""{"applications":{"application":{"name":"A","instance":[{"instanceId":"a","port":{"$":1,"@enabled":"TEXT"}}]}}}""".Replace("TEXT", text, StringComparison.Ordinal)).Instances).Port.Enabled);

    [Theory]
    [InlineData("1", true)]
    [InlineData("2", true)]
    [InlineData("-1", true)]
    [InlineData("1.0", true)]
    [InlineData("0", false)]
    [InlineData("0.0", false)]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\" true \"", true)]
    [InlineData("\"\\ttrue\\n\"", true)]
    [InlineData("\" TRUE\"", true)]
    [InlineData("\"1\"", false)]
    [InlineData("\"\"", false)]
    [InlineData("\"tr ue\"", false)]
    [InlineData("{}", false)]
    [InlineData("[true]", false)]
    [InlineData("null", null)]
    public void Read_flag_of_a_port_is_what_Netflixs_clients_take(string json, bool? enabled)
    {
        var instance = Assert.Single(Read(
            """{"applications":{"application":{"name":"A","instance":[{"instanceId":"a","port":{"$":1,"@enabled":F},"securePort":{"$":2,"@enabled":F}}]}}}"""
                .Replace("F", json, StringComparison.Ordinal)).Instances);

        // Null says nothing: as if it were not there.
        Assert.Equal((enabled ?? true, enabled ?? false), (instance.Port.Enabled, instance.SecurePort.Enabled));
    }

    [Theory]
    [InlineData("1795415630424", 1795415630424)]
    [InlineData("\"1795415630424\"", 1795415630424)]
    [InlineData("1.795415630424E12", 1795415630424)]
    [InlineData("1795415630424.5", 1795415630424)]
    [InlineData("\" 1795415630424 \"", 1795415630424)]
    [InlineData("-5", 0)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", 0)]
    [InlineData("1e400", 0)]
    [InlineData("\"NaN\"", 0)]
    [InlineData("null", 0)]
    public void Read_version_of_an_instance_is_a_number_however_it_is_written(string json, long expected) => Assert.Equal(
        expected,
        Assert.Single(Read("""{"applications":{"application":{"name":"A","instance":[{"instanceId":"a","lastDirtyTimestamp":N}]}}}"""
            .Replace("N", json, StringComparison.Ordinal)).Instances).LastDirty);

    [Fact]
    public void Read_applications_without_instances_are_named() => Assert.Equal(
        ["HOLLOW", "BARE"],
        Read("""{"applications":{"application":[{"name":"hollow","instance":[]},{"name":"A","instance":[{"instanceId":"a"}]},{"name":"bare"}]}}""").Empty);

    [Fact]
    public void Read_name_after_the_instances_counts_for_them()
    {
        var instance = Assert.Single(
            Read("""{"applications":{"application":{"instance":[{"instanceId":"a"}],"x":[{"name":"no"}],"name":"orders"},"apps__hashcode":"h"}}""").Instances);

        Assert.Equal(new InstanceKey("ORDERS", "a"), instance.Key);
    }

    [Fact]
    public void Read_escaped_names_and_texts_are_those_that_are_meant()
    {
        var instance = Assert.Single(Read("""
            {"applications":{"application":{"name":"A","instance":{"instance\u0049d":"\u0061\/ü","host\u004eame":"h","metadata":{"zo\u006ee":"eu\u002d1"}}}}}
            """).Instances);

        Assert.Equal("a/ü", instance.Id);
        Assert.Equal("h", instance.HostName);
        Assert.Equal("eu-1", instance.Metadata["zone"]);
    }

    [Theory]
    [InlineData("""{"hostName":"\ud800"}""")]
    [InlineData("""{"metadata":{"k":"\ud800"}}""")]
    [InlineData("""{"metadata":{"\ud800":"v"}}""")]
    public void Read_text_that_is_no_UTF8_throws(string instance) =>
        Assert.ThrowsAny<JsonException>(
            () => Read("""{"applications":{"application":{"name":"A","instance":[FIELDS]}}}""".Replace("FIELDS", instance,
                StringComparison.Ordinal)));

    [Theory]
    [InlineData("""{"instanceId":"a","\ud800":"v"}""")]
    [InlineData("""{"instanceId":"a","x":{"\ud800":"\ud800"}}""")]
    [InlineData("""{"instanceId":"a","dataCenterInfo":{"metadata":{"\ud800":"v"}}}""")]
    public void Read_text_that_is_no_UTF8_where_nobody_needs_it_is_passed_over(string instance) =>
        Assert.Equal(
            "a",
            Assert.Single(Read("""{"applications":{"application":{"name":"A","instance":[FIELDS]}}}""".Replace("FIELDS", instance,
                StringComparison.Ordinal)).Instances).Id);

    [Fact]
    public void Bomb_of_labels_that_collide_is_read_like_any_other()
    {
        // Same length, beginning and end: they take each other's place in every cache.
        var labels = string.Join(',', Enumerable.Range(0, 64).Select(i => $"\"key-{i:00}-with-the-same-end\":\"aaaaaaaa{i:00}zzzzzzzz\""));

        var instance = Assert.Single(
            Read("""{"applications":{"application":{"name":"A","instance":{"instanceId":"a","metadata":{LABELS}}}}}""".Replace("LABELS",
                labels, StringComparison.Ordinal)).Instances);

        Assert.Equal(Enumerable.Range(0, 64).Select(i => $"aaaaaaaa{i:00}zzzzzzzz"), instance.Metadata.Values);
    }

    [Fact]
    public void Read_instance_that_says_the_same_is_the_same_object()
    {
        var registry = new EurekaRegistry();
        var bytes = Captures.Bytes("apps-after-cancel");
        var first = EurekaReader.Read(new ReadOnlySequence<byte>(bytes), _memory);
        registry.Replace(first, TimeSpan.Zero, TimeSpan.Zero);
        _memory.Known = registry;

        var second = EurekaReader.Read(new ReadOnlySequence<byte>(bytes), _memory);

        Assert.Equal(first.Instances, second.Instances, ReferenceEqualityComparer.Instance);
    }

    [Theory]
    [InlineData("hostName", "\"other\"")]
    [InlineData("ipAddr", "\"10.0.0.2\"")]
    [InlineData("ipAddr", "null")]
    [InlineData("app", "\"B\"")]
    [InlineData("instanceId", "\"b\"")]
    [InlineData("status", "\"DOWN\"")]
    [InlineData("overriddenStatus", "\"DOWN\"")]
    [InlineData("lastDirtyTimestamp", "\"2\"")]
    [InlineData("actionType", "\"DELETED\"")]
    [InlineData("port", "8081")]
    [InlineData("securePort", "8443")]
    [InlineData("vipAddress", "\"v2\"")]
    [InlineData("secureVipAddress", "\"s2\"")]
    [InlineData("dataCenterInfo", """{"metadata":{"availability-zone":"z2"}}""")]
    [InlineData("metadata", """{"k":"w"}""")]
    [InlineData("metadata", """{"l":"v"}""")]
    [InlineData("metadata", "{}")]
    public void Read_instance_that_says_something_else_is_another_one(string field, string value)
    {
        var fields = new Dictionary<string, string>
        {
            ["instanceId"] = "\"a\"",
            ["hostName"] = "\"host\"",
            ["app"] = "\"A\"",
            ["ipAddr"] = "\"10.0.0.1\"",
            ["status"] = "\"UP\"",
            ["overriddenStatus"] = "\"UNKNOWN\"",
            ["lastDirtyTimestamp"] = "\"1\"",
            ["actionType"] = "\"ADDED\"",
            ["port"] = "8080",
            ["securePort"] = "443",
            ["vipAddress"] = "\"v\"",
            ["secureVipAddress"] = "\"s\"",
            ["dataCenterInfo"] = """{"metadata":{"availability-zone":"z"}}""",
            ["metadata"] = """{"k":"v"}""",
        };
        var registry = new EurekaRegistry();
        registry.Replace(Read(List(fields)), TimeSpan.Zero, TimeSpan.Zero);
        _memory.Known = registry;
        var known = Assert.Single(Read(List(fields)).Instances);
        Assert.Same(registry.Find("A", "a"u8), known);

        fields[field] = value;
        var other = Assert.Single(Read(List(fields)).Instances);

        Assert.NotSame(known, other);
        Assert.Equal(Picture(EurekaReader.Read(Encoding.UTF8.GetBytes(List(fields)))), Picture(new EurekaApplications("h", [other])));
    }

    [Fact]
    public void Read_instances_that_have_something_in_common_share_it()
    {
        var instances = Read("""
            {"applications":{"application":{"name":"A","instance":[
              {"instanceId":"a","vipAddress":"v","metadata":{"zone":"z","id":"1"}},{"instanceId":"b","vipAddress":"v","metadata":{"zone":"z","id":"1"}},{"instanceId":"c","vipAddress":"v","metadata":{"zone":"z","id":"2"}}]}}}
            """).Instances;

        Assert.Same(instances[0].Names, instances[2].Names);
        Assert.Same(instances[0].Metadata, instances[1].Metadata);
        Assert.Same(instances[0].Metadata["zone"], instances[2].Metadata["zone"]);
        Assert.Equal("2", instances[2].Metadata["id"]);
    }

    private static string List(Dictionary<string, string> fields) =>
        """{"applications":{"apps__hashcode":"h","application":{"name":"A","instance":{FIELDS}}}}"""
            .Replace("FIELDS", string.Join(',', fields.Select(field => $"\"{field.Key}\":{field.Value}")), StringComparison.Ordinal);

    private static string Picture(EurekaApplications applications) => applications.Hash + string.Concat(applications.Instances.Select(i =>
        $"\n{i.Key} {i.HostName} {i.IPAddress} {i.Status} {i.OverriddenStatus} {i.LastDirty} {i.Deleted} {i.Port} {i.SecurePort} "
        + $"{i.VipAddress} {i.SecureVipAddress} {i.DataCenterZone} {string.Join(',', i.Metadata)}"));

    private EurekaApplications Read(string json) => EurekaReader.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)), _memory);
}
