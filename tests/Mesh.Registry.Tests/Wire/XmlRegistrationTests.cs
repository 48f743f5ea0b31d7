using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Registry.Wire;

namespace Mesh.Registry.Tests.Wire;

public sealed class XmlRegistrationTests
{
    private const string Own = "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";
    private const string Amazon = "com.netflix.appinfo.AmazonInfo";
    private const string Least = "<instanceId>a</instanceId><hostName>h1</hostName><app>ORDERS</app><ipAddr>10.0.0.1</ipAddr>";

    private const string Fields = """
        <instanceId>a</instanceId><hostName>host</hostName><app>ORDERS</app><ipAddr>127.0.0.1</ipAddr><status>UP</status>
        <port enabled="true">5001</port><securePort enabled="false">443</securePort>
        <dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"><name>MyOwn</name></dataCenterInfo>
        """;

    [Fact]
    public async Task Register_in_xml_gives_what_the_same_in_json_gives()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        const string More = """
            <leaseInfo><renewalIntervalInSecs>7</renewalIntervalInSecs><durationInSecs>21</durationInSecs></leaseInfo>
            <metadata><zone>eu</zone><a__b>1</a__b><_-x>2</_-x><c_.0020d>3</c_.0020d><plain_name>4</plain_name><metadata>5</metadata></metadata>
            <vipAddress>orders</vipAddress><lastDirtyTimestamp>12</lastDirtyTimestamp><unknown><part>x</part></unknown><alsoUnknown/>
            """;

        Assert.Equal(204, (await PostAsync(server, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- hello "
            + $"--><instance>{Fields}{More}</instance>")).Status);

        var instance = JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!;
        Assert.Equal(5001, (int)instance["port"]!["$"]!);
        Assert.Equal("false", (string?)instance["securePort"]!["@enabled"]);
        Assert.Equal((7, 21), ((int)instance["leaseInfo"]!["renewalIntervalInSecs"]!, (int)instance["leaseInfo"]!["durationInSecs"]!));
        Assert.Equal(
            """{"zone":"eu","a_b":"1","$x":"2","c d":"3","plain_name":"4","metadata":"5"}""", instance["metadata"]!.ToJsonString());
        Assert.Equal("12", (string?)instance["lastDirtyTimestamp"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<instance>")]
    [InlineData("<instance/><instance/>")]
    [InlineData("<other/>")]
    [InlineData("<instance><port enabled=\"true\">x</port></instance>")]
    [InlineData("{\"instance\":{}}")]
    public async Task Register_with_xml_that_is_none_is_refused(string xml)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);

        Assert.Equal((400, "<error><message>cannot parse request body</message></error>"), await PostAsync(server, xml));
    }

    /// <summary>The schema of the wiki "Eureka REST operations" has no class, and the client fargo for Go writes none.</summary>
    [Theory]
    [InlineData("<dataCenterInfo><name>MyOwn</name></dataCenterInfo>", Own, "MyOwn", null)]
    [InlineData("<dataCenterInfo><name>Netflix</name></dataCenterInfo>", Own, "Netflix", null)]
    [InlineData("<dataCenterInfo class=\"x\"><name>MyOwn</name></dataCenterInfo>", Own, "MyOwn", null)]
    [InlineData("<dataCenterInfo class=\"\"><name>MyOwn</name><region>eu</region></dataCenterInfo>", Own, "MyOwn", null)]
    [InlineData("<dataCenterInfo><name>MyOwn</name><metadata><instance-id>i-1</instance-id></metadata></dataCenterInfo>", Own, "MyOwn",
        null)]
    [InlineData("<dataCenterInfo><name>Amazon</name></dataCenterInfo>", Amazon, "Amazon", null)]
    [InlineData("<dataCenterInfo><name>amazon</name><metadata><instance-id>i-1</instance-id></metadata></dataCenterInfo>", Amazon, "Amazon",
        "i-1")]
    [InlineData("<dataCenterInfo "
        + "class=\"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo\"><metadata><instance-id>i-1</instance-id></metadata><name>Amazon</name></dataCenterInfo>", Amazon, "Amazon", "i-1")]
    public async Task Register_in_xml_takes_the_class_of_the_data_center_from_its_name(
        string dataCenter, string type, string name, string? id)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);

        Assert.Equal((204, ""), await PostAsync(server, $"<instance>{Least}{dataCenter}</instance>"));

        var info = JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!["dataCenterInfo"]!;
        Assert.Equal((type, name, id), ((string?)info["@class"], (string?)info["name"], (string?)info["metadata"]?["instance-id"]));
    }

    [Theory]
    [InlineData("", "Missing dataCenterInfo")]
    [InlineData("<dataCenterInfo/>", "Missing dataCenterInfo")]
    [InlineData("<dataCenterInfo class=\"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo\"/>", "Missing dataCenterInfo")]
    [InlineData("<dataCenterInfo><name>Bogus</name></dataCenterInfo>", "<error><message>cannot parse request body</message></error>")]
    [InlineData("<dataCenterInfo><name/></dataCenterInfo>", "<error><message>cannot parse request body</message></error>")]
    public async Task Register_in_xml_without_a_data_center_is_refused(string dataCenter, string expected)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);

        Assert.Equal((400, expected), await PostAsync(server, $"<instance>{Least}{dataCenter}</instance>"));
    }

    [Theory]
    [InlineData("up", "UP")]
    [InlineData("Out_Of_Service", "OUT_OF_SERVICE")]
    [InlineData("ready", "UNKNOWN")]
    [InlineData("", "UNKNOWN")]
    public async Task Register_in_xml_takes_a_status_in_any_case(string status, string expected)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);

        Assert.Equal((204, ""), await PostAsync(server, $"<instance>{Fields}<status>{status}</status></instance>"));

        Assert.Equal(expected, (string?)JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!["status"]);
    }

    [Theory]
    [InlineData("<port>80</port><securePort>443</securePort>", "true", "false")]
    [InlineData("<port enabled=\"\">80</port><securePort enabled=\"1\">443</securePort>", "true", "false")]
    [InlineData("<port enabled=\"false\">80</port><securePort enabled=\"true\">443</securePort>", "false", "true")]
    [InlineData("<port enabled=\"False\" protocol=\"http\"> 80 </port><securePort enabled=\"True\">443.0</securePort>", "false", "true")]
    public async Task Register_in_xml_takes_ports_with_and_without_attributes(string ports, string plain, string secure)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        const string DataCenter = "<dataCenterInfo><name>MyOwn</name></dataCenterInfo>";

        Assert.Equal((204, ""), await PostAsync(server, $"<instance>{Least}{DataCenter}{ports}</instance>"));

        var instance = JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!;
        Assert.Equal((80, plain), ((int)instance["port"]!["$"]!, (string?)instance["port"]!["@enabled"]));
        Assert.Equal((443, secure), ((int)instance["securePort"]!["$"]!, (string?)instance["securePort"]!["@enabled"]));
    }

    [Fact]
    public async Task Register_in_xml_takes_numbers_with_a_fraction_and_the_rest_as_in_json()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        const string More = """
            <leaseInfo><renewalIntervalInSecs>2e1</renewalIntervalInSecs><durationInSecs>60.9</durationInSecs></leaseInfo><lastDirtyTimestamp>1795415630424.5</lastDirtyTimestamp>
            <sid>s-1</sid><appGroupName>shop</appGroupName><countryId>2.0</countryId>
            """;

        Assert.Equal((204, ""), await PostAsync(server, $"<instance>{Fields}{More}</instance>"));

        var xml = await server.Client.GetStringAsync(
            new Uri("/eureka/apps/ORDERS/a", UriKind.Relative), TestContext.Current.CancellationToken);
        var instance = System.Xml.Linq.XDocument.Parse(xml).Root!;
        Assert.Equal(
            ("20", "60"),
            (instance.Element("leaseInfo")!.Element("renewalIntervalInSecs")!.Value,
                instance.Element("leaseInfo")!.Element("durationInSecs")!.Value));
        Assert.Equal(("1795415630424", "s-1"), (instance.Element("lastDirtyTimestamp")!.Value, instance.Element("sid")!.Value));
        Assert.Equal(("SHOP", "2"), (instance.Element("appGroupName")!.Value, instance.Element("countryId")!.Value));
    }

    [Fact]
    public async Task Register_with_an_entity_of_its_own_is_refused_and_nothing_is_read()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, "secret", TestContext.Current.CancellationToken);

        Assert.Equal(400, (await PostAsync(server, "<!DOCTYPE instance [<!ENTITY x SYSTEM "
            + $"\"file://{secret}\">]><instance>{Fields}<homePageUrl>&x;</homePageUrl></instance>")).Status);
        Assert.Equal(400, (await PostAsync(server, "<!DOCTYPE instance [<!ENTITY a \"1111111111\"><!ENTITY b "
            + $"\"&a;&a;&a;&a;\">]><instance>{Fields}<homePageUrl>&b;</homePageUrl></instance>")).Status);
        Assert.DoesNotContain("secret", await server.TextAsync("/eureka/apps"), StringComparison.Ordinal);
        File.Delete(secret);
    }

    [Theory]
    [InlineData(6, 204)]
    [InlineData(7, 400)]
    [InlineData(5_000, 400)]
    public async Task Register_with_deep_xml_is_refused(int depth, int expected)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        var deep = string.Concat(Enumerable.Repeat("<x>", depth)) + string.Concat(Enumerable.Repeat("</x>", depth));

        Assert.Equal(expected, (await PostAsync(server, $"<instance>{Fields}<u>{deep}</u></instance>")).Status);
    }

    [Theory]
    [InlineData("\\uFFFE")]
    [InlineData("\\uFFFF")]
    [InlineData("\\u0001")]
    public async Task Register_with_characters_that_xml_cannot_carry_is_refused(string character)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);

        Assert.Equal(400, (await server.RegisterAsync("ORDERS", Samples.Json(metadata: $$"""{"k":"{{character}}"}"""))).Status);
    }

    [Fact]
    public async Task Listing_in_xml_carries_any_key_and_value_as_data()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        const string Metadata =
            """{"a b":"1","x:y":"2","<k>":"<v>&]]>","":"3","9":"4","é":"5","_$":"6","script":"alert(1)","a\u0009":"7"}""";
        Assert.Equal(400, (await server.RegisterAsync("ORDERS", Samples.Json(metadata: Metadata))).Status);
        Assert.Equal(
            204,
            (await server.RegisterAsync("ORDERS", Samples.Json(metadata: Metadata.Replace("""a\u0009""", "z",
                StringComparison.Ordinal)))).Status);

        var xml = await server.Client.GetStringAsync(
            new Uri("/eureka/apps/ORDERS", UriKind.Relative), TestContext.Current.CancellationToken);

        var entries = System.Xml.Linq.XDocument.Parse(xml).Descendants("metadata").Single().Elements()
            .ToDictionary(static entry => XmlNames.Decode(entry.Name.LocalName), static entry => entry.Value);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["a b"] = "1",
                ["x:y"] = "2",
                ["<k>"] = "<v>&]]>",
                [""] = "3",
                ["9"] = "4",
                ["é"] = "5",
                ["_$"] = "6",
                ["script"] = "alert(1)",
                ["z"] = "7",
            },
            entries);
    }

    private static async Task<(int Status, string Body)> PostAsync(RegistryServer server, string xml)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/eureka/apps/ORDERS");
        request.Content = new StringContent(xml, Encoding.UTF8, new MediaTypeHeaderValue("application/xml"));
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/xml", response.Content.Headers.ContentType?.ToString());
        Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
