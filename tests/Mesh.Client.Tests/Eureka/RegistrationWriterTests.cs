using System.Text.Json.Nodes;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Options;
using Mesh.Client.Registration;

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

        var written = JsonNode.Parse(RegistrationWriter.Write(TestRegistration.Of(), RegistrationStatus.Up, 1795415573618));

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
        var body = JsonNode.Parse(
            RegistrationWriter.Write(TestRegistration.Of(securePort: 8443), RegistrationStatus.Starting, 1))!["instance"]!.DeepClone();
        var list = new JsonObject
        {
            ["applications"] = new JsonObject { ["application"] = new JsonObject { ["name"] = "ORDERS", ["instance"] = body } },
        };

        var instance = Assert.Single(EurekaReader.Read(System.Text.Encoding.UTF8.GetBytes(list.ToJsonString())).Instances);

        Assert.Equal(RegistrationStatus.Starting, instance.Status);
        Assert.Equal(new EurekaPort(5001, true), instance.Port);
        Assert.Equal(new EurekaPort(8443, true), instance.SecurePort);
        Assert.Equal("zone1", instance.Metadata["zone"]);
    }

    [Fact]
    public void Write_Amazon_is_what_a_real_server_was_seen_to_accept()
    {
        var accepted = JsonNode.Parse(
            RecordedExchange.Load("v1.10.18-spring-layout/90-register-amazon").Body)!["instance"]!["dataCenterInfo"]!;
        var center = new EurekaDataCenterOptions { Name = EurekaDataCenter.Amazon };
        foreach (var (key, value) in accepted["metadata"]!.AsObject())
        {
            center.Metadata[key] = (string)value!;
        }

        var written = Write(TestRegistration.Of() with { Details = RegistrationDetails.From(new EurekaOptions { DataCenter = center }) });

        Assert.True(JsonNode.DeepEquals(accepted, written["dataCenterInfo"]), written.ToJsonString());
    }

    [Fact]
    public void Write_every_configured_field()
    {
        var options = new EurekaOptions
        {
            VipAddress = "orders,orders-alt",
            SecureVipAddress = "orders-tls",
            AppGroup = "SHOP",
            AutoScalingGroup = "asg-1",
            HomePageUrl = "start",
            StatusPageUrl = "https://status.example/${eureka.hostname}",
            HealthCheckUrl = "/healthz",
        };

        var instance = Write(
            TestRegistration.Of(
                securePort: 8443) with
            { Details = RegistrationDetails.From(options), Overridden = RegistrationStatus.OutOfService });

        Assert.Equal("orders,orders-alt", (string?)instance["vipAddress"]);
        Assert.Equal("orders-tls", (string?)instance["secureVipAddress"]);
        Assert.Equal("SHOP", (string?)instance["appGroupName"]);
        Assert.Equal("asg-1", (string?)instance["asgName"]);
        Assert.Equal("http://127.0.0.1:5001/start", (string?)instance["homePageUrl"]);
        Assert.Equal("https://status.example/127.0.0.1", (string?)instance["statusPageUrl"]);
        Assert.Equal("http://127.0.0.1:5001/healthz", (string?)instance["healthCheckUrl"]);
        Assert.Equal("https://127.0.0.1:8443/healthz", (string?)instance["secureHealthCheckUrl"]);
        Assert.Equal("OUT_OF_SERVICE", (string?)instance["overriddenstatus"]);
    }

    [Theory]
    [InlineData(null, null, null, null, 5001, 8443)]
    [InlineData(false, null, null, null, null, 8443)]
    [InlineData(null, false, null, null, 5001, null)]
    [InlineData(null, null, 80, 443, 5001, 443)]
    [InlineData(true, true, 80, 443, 5001, 443)]
    public void Apply_ports_configured_over_what_is_listened_on(
        bool? plainEnabled, bool? secureEnabled, int? port, int? securePort, int? expected, int? expectedSecure)
    {
        var options =
            new EurekaOptions { PortEnabled = plainEnabled, SecurePortEnabled = secureEnabled, Port = port, SecurePort = securePort };

        var applied = RegistrationPorts.Apply(TestRegistration.Of(securePort: 8443).Address, options);

        Assert.Equal((expected, expectedSecure), (applied.Port, applied.SecurePort));
    }

    [Fact]
    public void Apply_port_that_something_in_front_of_the_server_opens()
    {
        var options = new EurekaOptions { PortEnabled = false, SecurePortEnabled = true, SecurePort = 443 };

        var applied = RegistrationPorts.Apply(TestRegistration.Of().Address, options);

        Assert.Equal((null, 443), (applied.Port, applied.SecurePort));
    }

    private static JsonNode Write(InstanceRegistration registration) =>
        JsonNode.Parse(RegistrationWriter.Write(registration, RegistrationStatus.Up, 1))!["instance"]!;
}
