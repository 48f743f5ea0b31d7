using System.Text;
using System.Text.Json;
using Mesh.Client.Discovery;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;

namespace Mesh.Client.Tests.Eureka.Wire;

public class EurekaReaderTests
{
    [Theory]
    [InlineData("apps-empty", 0)]
    [InlineData("apps-three", 3)]
    [InlineData("apps-compact", 3)]
    [InlineData("apps-after-override", 3)]
    [InlineData("apps-after-cancel", 14)]
    [InlineData("delta-three", 3)]
    [InlineData("legacy-apps-one", 1)]
    [InlineData("legacy-apps-three", 3)]
    [InlineData("legacy-delta-three", 3)]
    public void Read_recorded_answer_gives_every_instance_and_the_servers_own_hash(string capture, int count)
    {
        var applications = EurekaReader.Read(Captures.Bytes(capture));

        Assert.Equal(count, applications.Instances.Count);
        Assert.Equal(applications.Hash, EurekaHash.Of(applications.Instances));
    }

    [Theory]
    [InlineData("apps-three", "host1:orders:5001", 5001)]
    [InlineData("legacy-apps-three", "o1", 5001)]
    [InlineData("legacy-apps-one", "o1", 5001)]
    public void Read_both_codecs_gives_the_same_fields(string capture, string id, int port)
    {
        var instance = EurekaReader.Read(Captures.Bytes(capture)).Instances.Single(
            instance => instance.Key == new InstanceKey("ORDERS", id));

        Assert.Equal("127.0.0.1", instance.HostName);
        Assert.Equal("127.0.0.1", instance.IPAddress);
        Assert.Equal(RegistrationStatus.Up, instance.Status);
        Assert.Equal(new EurekaPort(port, true), instance.Port);
        Assert.Equal(new EurekaPort(443, false), instance.SecurePort);
        Assert.Equal("orders", instance.VipAddress);
        Assert.Equal("1.2.3", instance.Metadata["version"]);
        Assert.Equal("zone1", instance.Metadata["zone"]);
    }

    [Theory]
    [InlineData("8080", 8080)]
    [InlineData("8080.0", 8080)]
    [InlineData("\"8080\"", 8080)]
    [InlineData("8080.5", 8080)]
    [InlineData("4.27E4", 42700)]
    [InlineData("8.08e+3", 8080)]
    [InlineData("\"8080 \"", 8080)]
    [InlineData("\" 8080\"", 8080)]
    [InlineData("\"8.08E3\"", 8080)]
    [InlineData("-1", 0)]
    [InlineData("1e400", 0)]
    [InlineData("4294975376", 0)]
    [InlineData("true", 0)]
    [InlineData("null", 0)]
    [InlineData("\"NaN\"", 0)]
    [InlineData("\"0x1F90\"", 0)]
    [InlineData("\"80 80\"", 0)]
    public void Read_port_is_a_whole_number_however_it_is_written(string text, int expected) =>
        Assert.Equal(
            expected,
            Assert.Single(EurekaReader.Read(System.Text.Encoding.UTF8.GetBytes("""{"applications":{"application":{"name":"A","instance":[{"instanceId":"a","port":{"$":TEXT,"@enabled":"true"}}]}}}""".Replace("TEXT", text, StringComparison.Ordinal))).Instances).Port.Number);

    [Fact]
    public void Read_metadata_without_entries_leaves_the_codecs_class_out()
    {
        var billing = EurekaReader.Read(Captures.Bytes("apps-three")).Instances.Single(instance => instance.Key.App == "BILLING");

        Assert.Empty(billing.Metadata);
    }

    [Fact]
    public void Read_delta_tells_deleted_instances_and_cloud_zones_and_falls_back_to_the_host_as_id()
    {
        var instances = EurekaReader.Read(Captures.Bytes("delta-after-cancel")).Instances;

        Assert.Equal("host1:orders:5002", Assert.Single(instances, instance => instance.Deleted).Key.Id);
        Assert.Equal("us-east-1c", Assert.Single(instances, instance => instance.Key.App == "AWSAPP").DataCenterZone);
        Assert.Contains(instances, instance => instance.Key == new InstanceKey("VAR", "127.0.0.1"));
    }

    [Fact]
    public void Read_odd_fields_makes_only_them_unusable()
    {
        var json = """
            {"applications":{"apps__hashcode":"","application":{"name":"orders","instance":
              {"instanceId":"a","hostName":{},"port":{"$":"many","@enabled":true},"securePort":8443,"metadata":{"n":1,"b":true,"x":null,"o":{},"c":"a\u0000b"}}}}}
            """;

        var instance = Assert.Single(EurekaReader.Read(Encoding.UTF8.GetBytes(json)).Instances);

        Assert.Equal(new InstanceKey("ORDERS", "a"), instance.Key);
        Assert.Null(instance.HostName);
        Assert.Equal(new EurekaPort(0, true), instance.Port);
        Assert.Equal(new EurekaPort(8443, false), instance.SecurePort);
        Assert.Equal(["b=true", "n=1"], instance.Metadata.Select(entry => $"{entry.Key}={entry.Value}").Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>Bad gateway</body></html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"error":"no such route"}""")]
    [InlineData("""{"applications":null}""")]
    [InlineData("""{"applications":[]}""")]
    [InlineData("""{"applications":{}}""")]
    [InlineData("""{"applications":{"application":5}}""")]
    [InlineData("""{"applications":{"application":["orders"]}}""")]
    [InlineData("""{"applications":{"application":{"name":"A","instance":"x"}}}""")]
    public void Read_something_else_throws(string text) =>
        Assert.ThrowsAny<JsonException>(() => EurekaReader.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bomb_of_depth_throws()
    {
        Assert.ThrowsAny<JsonException>(() => EurekaReader.Read(Encoding.UTF8.GetBytes(new string('[', 100_000))));
        Assert.ThrowsAny<JsonException>(() => EurekaReader.Read(Encoding.UTF8.GetBytes(
            """{"applications":{"application":[],"x":""" + new string('[', RegistryLimits.Depth) + new string(']', RegistryLimits.Depth) + "}}")));
    }

    [Theory]
    [InlineData("""{"applications":{"application":[]},"applications":{"application":[]}}""")]
    [InlineData("""{"applications":{"application":[{"name":"A","instance":[{"hostName":"good","hostName":"evil"}]}]}}""")]
    [InlineData("""{"applications":{"application":[{"name":"A","instance":[{"metadata":{"zone":"a","zone":"b"}}]}]}}""")]
    [InlineData("""{"applications":{"application":[{"name":"A","instance":[{"hostName":"good","host\u004eame":"evil"}]}]}}""")]
    public void Duplicate_property_throws(string text) =>
        Assert.ThrowsAny<JsonException>(() => EurekaReader.Read(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData(RegistryLimits.Applications, true)]
    [InlineData(RegistryLimits.Applications + 1, false)]
    public void Bomb_of_applications_throws(int count, bool read)
    {
        var text = Encoding.UTF8.GetBytes(
            $$$"""{"applications":{"application":[{{{string.Join(',', Enumerable.Repeat("""{"name":"A"}""", count))}}}]}}""");

        Assert.Equal(read, Record.Exception(() => EurekaReader.Read(text)) is null);
    }

    [Theory]
    [InlineData(RegistryLimits.Instances, true)]
    [InlineData(RegistryLimits.Instances + 1, false)]
    public void Bomb_of_instances_throws(int count, bool read)
    {
        var text = Encoding.UTF8.GetBytes(
            $$$"""{"applications":{"application":[{"name":"A","instance":[{{{string.Join(',', Enumerable.Repeat("{}", count))}}}]}]}}""");

        Assert.Equal(read, Record.Exception(() => EurekaReader.Read(text)) is null);
    }

    [Fact]
    public void Bomb_of_values_takes_no_memory()
    {
        var text = Encoding.UTF8.GetBytes(
            $$$"""{"applications":{"x":[{{{string.Join(',', Enumerable.Repeat("[]", 2_000_000))}}}],"application":[]}}""");
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Empty(EurekaReader.Read(text).Instances);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024 * 1024);
    }

    [Fact]
    public void Bomb_of_a_long_text_is_copied_a_few_times_only()
    {
        var text = Encoding.UTF8.GetBytes($$$"""{"applications":{"x":"{{{new string('x', 8_000_000)}}}","application":[]}}""");
        var pieces = Pieces.Of(text, 16 * 1024);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Empty(EurekaReader.Read(pieces, new ReaderMemory()).Instances);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5 * text.Length);
    }

    [Fact]
    public void Bomb_of_metadata_leaves_out_what_is_too_much_and_keeps_the_instance()
    {
        var entries = Enumerable.Range(0, 1000).Select(i => $"\"key-{i}\":\"{i}\"");
        var text = $$$"""
            {"applications":{"application":[{"name":"A","instance":[
              {"instanceId":"many","metadata":{{{{string.Join(',', entries)}}}}},
              {"instanceId":"long","metadata":{"{{{new string('k', 65)}}}":"x","{{{new string('k', 64)}}}":"y","v":"{{{new string('v', 1025)}}}","w":"{{{new string('w', 1024)}}}","":"z"}}]}]}}
            """;

        var instances = EurekaReader.Read(Encoding.UTF8.GetBytes(text)).Instances;

        Assert.Equal(64, instances[0].Metadata.Count);
        Assert.Equal([new string('k', 64), "w"], instances[1].Metadata.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Read_every_cut_of_an_answer_throws()
    {
        var whole = Captures.Bytes("apps-three");

        for (var length = 0; length < whole.Length; length += 97)
        {
            Assert.ThrowsAny<JsonException>(() => EurekaReader.Read(whole.AsMemory(0, length)));
        }
    }
}
