using System.Text.Json.Nodes;
using Mesh.Client.Discovery.Eureka;

namespace Mesh.Client.Tests.Eureka;

public class RegistrationWriterTests
{
    [Fact]
    public void Write_is_what_a_real_server_was_seen_to_accept()
    {
        var accepted = JsonNode.Parse(Captures.Text("register-accepted"))!;
        // The lease's own timestamps are the server's to set; a real server fills them in itself.
        var lease = accepted["instance"]!["leaseInfo"]!.AsObject();
        foreach (var name in lease.Select(field => field.Key).Where(name => name.EndsWith("Timestamp", StringComparison.Ordinal)).ToArray())
        {
            lease.Remove(name);
        }

        var written = JsonNode.Parse(RegistrationWriter.Write(TestRegistration.Of(), EurekaStatus.Up, 1795415573618));

        Assert.True(JsonNode.DeepEquals(accepted, written), $"accepted: {accepted}\nwritten: {written}");
    }

    [Fact]
    public void Write_TLS_only_disables_the_plain_port()
    {
        var instance = Write(TestRegistration.Of(port: null, securePort: 8443));

        Assert.Equal("""{"$":80,"@enabled":"false"}""", instance["port"]!.ToJsonString());
        Assert.Equal("""{"$":8443,"@enabled":"true"}""", instance["securePort"]!.ToJsonString());
        Assert.Equal("https://127.0.0.1:8443/", (string?)instance["homePageUrl"]);
        Assert.Equal("https://127.0.0.1:8443/health", (string?)instance["healthCheckUrl"]);
        Assert.Equal("https://127.0.0.1:8443/health", (string?)instance["secureHealthCheckUrl"]);
    }

    [Theory]
    [InlineData(0.1, 0.3, 1, 1)]
    [InlineData(1.5, 4.000_1, 2, 5)]
    [InlineData(30, 90, 30, 90)]
    public void Write_lease_is_in_whole_seconds_rounded_up(double heartbeat, double lease, int renewal, int duration)
    {
        var written = Write(TestRegistration.Of(heartbeat: heartbeat, lease: lease))["leaseInfo"]!;

        Assert.Equal(renewal, (int)written["renewalIntervalInSecs"]!);
        Assert.Equal(duration, (int)written["durationInSecs"]!);
    }

    [Fact]
    public void Write_is_read_back_as_the_same_instance()
    {
        var body = JsonNode.Parse(RegistrationWriter.Write(TestRegistration.Of(securePort: 8443), EurekaStatus.Starting, 1))!["instance"]!.DeepClone();
        var list = new JsonObject { ["applications"] = new JsonObject { ["application"] = new JsonObject { ["name"] = "ORDERS", ["instance"] = body } } };

        var instance = Assert.Single(EurekaReader.Read(System.Text.Encoding.UTF8.GetBytes(list.ToJsonString())).Instances);

        Assert.Equal(EurekaStatus.Starting, instance.Status);
        Assert.Equal(new EurekaPort(5001, true), instance.Port);
        Assert.Equal(new EurekaPort(8443, true), instance.SecurePort);
        Assert.Equal("zone1", instance.Metadata["zone"]);
    }

    private static JsonNode Write(Registration registration) =>
        JsonNode.Parse(RegistrationWriter.Write(registration, EurekaStatus.Up, 1))!["instance"]!;
}
