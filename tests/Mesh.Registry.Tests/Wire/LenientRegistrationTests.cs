using System.Text.Json.Nodes;

namespace Mesh.Registry.Tests.Wire;

/// <summary>What clients of many languages write in JSON, and what a Netflix server (1.10.19) makes of it.</summary>
public sealed class LenientRegistrationTests
{
    private const string Own = "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";

    [Theory]
    [InlineData("1795415630424.5", "1795415630424")]
    [InlineData("1795415630424.0", "1795415630424")]
    [InlineData("1.795415630424E12", "1795415630424")]
    [InlineData("1.795415630424e+12", "1795415630424")]
    [InlineData("\"1795415630424.5\"", "1795415630424")]
    [InlineData("\"1.795415630424E12\"", "1795415630424")]
    [InlineData("\" 1795415630424 \"", "1795415630424")]
    [InlineData("1795415630424000000", "1795415630424000000")]
    public async Task Number_with_a_fraction_or_an_exponent_is_cut(string number, string expected)
    {
        var instance = await RegisterAsync($",\"lastDirtyTimestamp\":{number},\"lastUpdatedTimestamp\":{number},\"countryId\":2.0");

        Assert.Equal(expected, (string?)instance["lastDirtyTimestamp"]);
        Assert.Equal(2, (int)instance["countryId"]!);
    }

    [Theory]
    [InlineData("90.0", "30.9", 90, 30)]
    [InlineData("9e1", "3E1", 90, 30)]
    [InlineData("\"90.5\"", "\"3e1\"", 90, 30)]
    [InlineData("null", "null", 90, 30)]
    [InlineData("\"soon\"", "\"\"", 90, 30)]
    public async Task Lease_times_are_read_in_any_form(string duration, string interval, int seconds, int renewal)
    {
        var instance = await RegisterAsync($$""","leaseInfo":{"durationInSecs":{{duration}},"renewalIntervalInSecs":{{interval}}}""");

        Assert.Equal(
            (seconds, renewal), ((int)instance["leaseInfo"]!["durationInSecs"]!, (int)instance["leaseInfo"]!["renewalIntervalInSecs"]!));
    }

    [Theory]
    [InlineData("\"2026-11-28T10:00:00Z\"")]
    [InlineData("\"\"")]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    [InlineData("\"99999999999999999999\"")]
    [InlineData("null")]
    public async Task Text_that_is_no_number_counts_as_absent(string value)
    {
        var instance = await RegisterAsync($",\"lastDirtyTimestamp\":{value},\"lastUpdatedTimestamp\":{value}");

        Assert.Equal(
            Clock.Create().GetUtcNow().ToUnixTimeMilliseconds(),
            long.Parse((string)instance["lastDirtyTimestamp"]!, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("{\"$\":5001.0,\"@enabled\":\"true\"}", 5001, "true")]
    [InlineData("{\"$\":\"5001.0\",\"@enabled\":true}", 5001, "true")]
    [InlineData("{\"$\":5.001e3,\"@enabled\":1}", 5001, "true")]
    [InlineData("{\"$\":80,\"@enabled\":2}", 80, "true")]
    [InlineData("{\"$\":80,\"@enabled\":-1}", 80, "true")]
    [InlineData("{\"$\":80,\"@enabled\":0}", 80, "false")]
    [InlineData("{\"$\":80,\"@enabled\":\"1\"}", 80, "false")]
    [InlineData("{\"$\":80,\"@enabled\":null}", 80, "true")]
    [InlineData("{\"$\":null,\"$\":80}", 80, "true")]
    [InlineData("{\"$\":80,\"@enabled\":\"True\"}", 80, "true")]
    [InlineData("{\"$\":80}", 80, "true")]
    [InlineData("{\"$\":null,\"@enabled\":\"false\"}", 0, "false")]
    [InlineData("{}", 7001, "true")]
    [InlineData("null", 7001, "true")]
    public async Task Port_in_any_form_is_taken(string port, int number, string enabled)
    {
        var instance = await RegisterAsync($",\"port\":{port}");

        Assert.Equal((number, enabled), ((int)instance["port"]!["$"]!, (string?)instance["port"]!["@enabled"]));
    }

    [Theory]
    [InlineData("{\"$\":443}", 443, "false")]
    [InlineData("{\"$\":443,\"@enabled\":1}", 443, "true")]
    [InlineData("{\"$\":443,\"@enabled\":null}", 443, "false")]
    [InlineData("{\"$\":null,\"@enabled\":null}", 0, "false")]
    [InlineData("{\"$\":null}", 0, "false")]
    [InlineData("{\"$\":443,\"@enabled\":\"true\"}", 443, "true")]
    [InlineData("{}", 7002, "false")]
    [InlineData("null", 7002, "false")]
    public async Task Secure_port_is_enabled_only_if_it_says_so(string port, int number, string enabled)
    {
        var instance = await RegisterAsync($",\"securePort\":{port}");

        Assert.Equal((number, enabled), ((int)instance["securePort"]!["$"]!, (string?)instance["securePort"]!["@enabled"]));
    }

    [Theory]
    [InlineData("null", "UP")]
    [InlineData("\"\"", "UNKNOWN")]
    [InlineData("\"up\"", "UNKNOWN")]
    [InlineData("1", "UNKNOWN")]
    [InlineData("\"STARTING\"", "STARTING")]
    public async Task Status_of_null_says_as_little_as_none(string status, string expected)
    {
        var instance = await RegisterAsync($",\"status\":{status},\"overriddenStatus\":null");

        Assert.Equal((expected, "UNKNOWN"), ((string?)instance["status"], (string?)instance["overriddenStatus"]));
    }

    [Fact]
    public async Task Nulls_of_a_serializer_that_writes_all_fields_are_as_if_absent()
    {
        string[] fields =
        [
            "appGroupName", "asgName", "sid", "status", "overriddenStatus", "overriddenstatus", "port", "securePort", "countryId",
                "leaseInfo", "metadata", "homePageUrl", "statusPageUrl",
            "healthCheckUrl", "secureHealthCheckUrl", "vipAddress", "secureVipAddress", "lastDirtyTimestamp", "lastUpdatedTimestamp",
                "isCoordinatingDiscoveryServer", "actionType", "unknown",
        ];

        var withNulls = await RegisterAsync(string.Concat(fields.Select(static field => $",\"{field}\":null")));

        Assert.Equal((await RegisterAsync("")).ToJsonString(), withNulls.ToJsonString());
    }

    [Fact]
    public async Task Metadata_as_an_empty_list_is_an_empty_map()
    {
        var instance = await RegisterAsync(",\"metadata\":[]");

        Assert.Equal("""{"@class":"java.util.Collections$EmptyMap"}""", instance["metadata"]!.ToJsonString());
    }

    [Theory]
    [InlineData("na", null)]
    [InlineData("unknown", null)]
    [InlineData("s-1", "s-1")]
    public async Task Group_and_sid_come_back_as_a_real_server_gives_them(string sid, string? expected)
    {
        var instance = await RegisterAsync($",\"sid\":\"{sid}\",\"appGroupName\":\"shop\"");

        Assert.Equal((expected, "SHOP"), ((string?)instance["sid"], (string?)instance["appGroupName"]));
    }

    [Theory]
    [InlineData($$"""{"@class":"{{Own}}","name":"MyOwn"}""", Own, "MyOwn")]
    [InlineData($$"""{"name":"Netflix","@class":"{{Own}}"}""", Own, "Netflix")]
    [InlineData($$"""{"@class":"{{Own}}"}""", Own, "MyOwn")]
    [InlineData("""{"@class":"com.netflix.appinfo.MyDataCenterInfo","name":"MyOwn"}""", Own, "MyOwn")]
    [InlineData("""{"@class":"com.netflix.appinfo.AmazonInfo","name":"Amazon","metadata":{"instance-id":"i-1"}}""",
        "com.netflix.appinfo.AmazonInfo", "Amazon")]
    public async Task Data_center_of_a_real_server_is_taken(string dataCenter, string type, string name)
    {
        var instance = await RegisterAsync($",\"dataCenterInfo\":{dataCenter}");

        Assert.Equal((type, name), ((string?)instance["dataCenterInfo"]!["@class"], (string?)instance["dataCenterInfo"]!["name"]));
    }

    [Theory]
    [InlineData("dataCenterInfo", """{"@class":"x","name":"MyOwn"}""")]
    [InlineData("dataCenterInfo", """{"@class":"","name":"MyOwn"}""")]
    [InlineData("dataCenterInfo", """{"@class":null,"name":"MyOwn"}""")]
    [InlineData("dataCenterInfo", """{"name":"MyOwn"}""")]
    [InlineData("dataCenterInfo", $$"""{"@class":"{{Own}}","name":"Bogus"}""")]
    [InlineData("dataCenterInfo", $$"""{"@class":"{{Own}}","name":"myown"}""")]
    [InlineData("dataCenterInfo", $$"""{"@class":"{{Own}}","name":"MyOwn","region":"eu"}""")]
    [InlineData("dataCenterInfo", """{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn","metadata":{"zone":"eu"}}""")]
    [InlineData("dataCenterInfo", """{"@class":"com.netflix.appinfo.AmazonInfo","name":"Amazon"}""")]
    [InlineData("dataCenterInfo", """{"@class":"com.netflix.appinfo.AmazonInfo","name":"Amazon","metadata":null}""")]
    [InlineData("port", """{"$":80,"@enabled":"true","protocol":"http"}""")]
    [InlineData("port", "80")]
    [InlineData("port", "\"80\"")]
    [InlineData("port", "[]")]
    [InlineData("port", """{"$":"http"}""")]
    [InlineData("port", """{"$":""}""")]
    [InlineData("port", """{"$":70000.5}""")]
    [InlineData("port", """{"$":[80]}""")]
    [InlineData("securePort", """{"port":443}""")]
    [InlineData("countryId", "1e400")]
    [InlineData("leaseInfo", "[]")]
    [InlineData("metadata", "[1]")]
    public async Task Form_that_a_real_server_refuses_is_refused(string field, string value)
    {
        await using var server = await RegistryServer.StartAsync();

        Assert.Equal(
            (400, """{"error": "cannot parse request body"}"""),
            await server.RegisterAsync("ORDERS", Samples.Json(more: $",\"{field}\":{value}")));
    }

    [Theory]
    [InlineData("port", """{"$":null,"@enabled":"true"}""")]
    [InlineData("port", """{"@enabled":true,"$":null}""")]
    [InlineData("port", """{"$":null,"@enabled":null}""")]
    [InlineData("port", """{"$":null}""")]
    [InlineData("securePort", """{"$":null,"@enabled":"true"}""")]
    [InlineData("securePort", """{"@enabled":1,"$":null}""")]
    public async Task Enabled_port_without_a_number_is_refused_by_name(string field, string value)
    {
        await using var server = await RegistryServer.StartAsync();

        Assert.Equal(
            (400, $"{field} is enabled and its number ($) is null"),
            await server.RegisterAsync("ORDERS", Samples.Json(more: $",\"{field}\":{value}")));
    }

    [Theory]
    [InlineData("1795415630424.5", 200)]
    [InlineData("1.795415630424E12", 200)]
    [InlineData("1795415630425.5", 404)]
    [InlineData("1795415630423.9", 200)]
    [InlineData("-1", 400)]
    [InlineData("now", 400)]
    public async Task Heartbeat_takes_the_version_in_the_forms_of_a_registration(string version, int expected)
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json(more: ",\"lastDirtyTimestamp\":1795415630424.5"));

        Assert.Equal(expected, await server.SendAsync("PUT", $"/eureka/apps/ORDERS/a?status=UP&lastDirtyTimestamp={version}"));
    }

    [Fact]
    public async Task Instance_of_amazons_cloud_without_an_id_goes_by_that_of_its_data_center()
    {
        await using var server = await RegistryServer.StartAsync();
        var json = Samples.Json(
            id: "",
            more: """,  "dataCenterInfo":{"@class":"com.netflix.appinfo.AmazonInfo","name":"Amazon","metadata":{"instance-id":"i-1"}}""");

        Assert.Equal(204, (await server.RegisterAsync("ORDERS", json)).Status);

        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/ORDERS/i-1"));
        Assert.Equal(404, await server.SendAsync("PUT", "/eureka/apps/ORDERS/host"));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public async Task Id_that_no_path_can_carry_is_refused(string id)
    {
        await using var server = await RegistryServer.StartAsync();

        var (status, body) = await server.RegisterAsync("ORDERS", Samples.Json(id));
        var (statusOfHost, _) = await server.RegisterAsync("ORDERS", Samples.Json(id: "", more: $",\"hostName\":\"{id}\""));

        Assert.Equal((400, 400), (status, statusOfHost));
        Assert.StartsWith($"instanceId '{id}'", body, StringComparison.Ordinal);
        Assert.Equal(204, (await server.RegisterAsync("ORDERS", Samples.Json("..."))).Status);
        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/ORDERS/..."));
    }

    [Fact]
    public async Task Names_with_half_of_a_character_are_refused_and_break_nothing()
    {
        await using var server = await RegistryServer.StartAsync();

        Assert.Equal(400, (await server.RegisterAsync("ORDERS", """{"\ud800":{},"instance":{}}""")).Status);
        Assert.Equal(400, (await server.RegisterAsync("ORDERS", """{"instance":{"\ud800":1}}""")).Status);
        Assert.Equal(400, (await server.RegisterAsync("ORDERS", """{"instance":{"port":{"\ud800":1}}}""")).Status);
        Assert.Equal(400, (await server.RegisterAsync("ORDERS", """{"instance":{"dataCenterInfo":{"\ud800":1}}}""")).Status);
    }

    [Fact]
    public async Task First_of_two_equal_metadata_keys_by_request_counts()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json());

        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a/metadata?a=b&a=c&d="));

        var metadata = JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!["metadata"]!;
        Assert.Equal(("b", ""), ((string?)metadata["a"], (string?)metadata["d"]));
    }

    [Fact]
    public async Task First_of_two_equal_parameters_counts()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json(more: ",\"lastDirtyTimestamp\":5"));

        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a?lastDirtyTimestamp=5&lastDirtyTimestamp=6"));
        Assert.Equal(404, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a?lastDirtyTimestamp=6&lastDirtyTimestamp=5"));
        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a/status?value=DOWN&value=UP"));
        Assert.Equal("DOWN", (string?)JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!["status"]);
        Assert.Equal(200, await server.SendAsync("DELETE", "/eureka/apps/ORDERS/a/status?value=STARTING&value=UP"));
        Assert.Equal("STARTING", (string?)JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!["status"]);
    }

    /// <summary>Registers with further fields, of which the last of equal ones counts, and reads what became of it.</summary>
    private static async Task<JsonNode> RegisterAsync(string more)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        const string Least = """{"instance":{"instanceId":"a","hostName":"host","app":"ORDERS","ipAddr":"127.0.0.1","dataCenterInfo":{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"}""";

        Assert.Equal((204, ""), await server.RegisterAsync("ORDERS", Least + more + "}}"));

        return JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!;
    }
}
