using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;

namespace Mesh.Client.Tests.Eureka;

/// <summary>
/// Every exchange with a real Netflix server (v1.10.18) that was recorded: its answer is read, and its request is what our client sends, in
/// the form that the server accepted. What does not concern a client is listed with the reason.
/// </summary>
public sealed class RecordedExchangeTests
{
    private const string Spring = "v1.10.18-spring-layout/";
    private const string Extra = "v1.10.18-extra/";
    private const string Xml = "XML; this client asks for JSON only";
    private const string OtherForms = "a form of registration that the server takes as well; ours is that of spring-layout/05";

    /// <summary>Begin of the name, and why it is no business of this client.</summary>
    private static readonly (string Prefix, string Reason)[] Exempt =
    [
        (Spring + "02-apps-empty-xml", Xml),
        (Spring + "03-apps-empty-no-accept", Xml),
        (Spring + "09-apps-xml", Xml),
        (Spring + "14-apps-compact-xml", Xml),
        (Spring + "16-delta-xml", Xml),
        (Spring + "20-app-xml", Xml),
        (Spring + "24-instance-xml", Xml),
        (Spring + "30-vips-xml", Xml),
        (Spring + "87-app-variants-xml", Xml),
        (Spring + "88-register-xml", Xml),
        (Spring + "92-instance-amazon-xml", Xml),
        (Spring + "98-delta-after-cancel-xml", Xml),
        (Spring + "105-status-xml", Xml),
        (Extra + "32-accept-star", Xml),
        (Extra + "34-accept-plus-json", "asks for a type that no client of the field asks for"),
        (Extra + "35-accept-html", "asks for HTML"),
        (Spring + "38-renew-older-dirty-replication", "between servers: the header of replication"),
        (Spring + "102-peerreplication-batch", "between servers"),
        (Spring + "103-register-replicated", "between servers: the header of replication"),
        (Spring + "104-status-json", "the server about itself, for people"),
        (Spring + "106-asg-status", "auto-scaling groups of Amazon, which only its tools set"),
        (Spring + "107-lastn-404", "the server's page"),
        (Spring + "108-root", "the server's page"),
        (Spring + "109-apps-head", "no operation of the protocol"),
        (Spring + "110-apps-delete-405", "no operation of the protocol"),
        (Extra + "43-post-instance", "no operation of the protocol"),
        (Spring + "69-register-no-instanceid", OtherForms),
        (Spring + "70-register-no-leaseinfo", OtherForms),
        (Spring + "71-register-no-vip", OtherForms),
        (Spring + "72-register-no-port", OtherForms),
        (Spring + "76-register-status-bogus", OtherForms),
        (Spring + "79-register-override-underscore", OtherForms),
        (Spring + "81-register-port-string", OtherForms),
        (Extra + "01-register-unknown-scalar", OtherForms),
        (Extra + "03-register-unknown-object", OtherForms),
        (Extra + "04-register-unknown-object-nested", OtherForms),
        (Extra + "05-register-countryid-string", OtherForms),
        (Extra + "06-register-lease-strings", OtherForms),
        (Extra + "07-register-lease-unknown-field", OtherForms),
        (Extra + "08-register-metadata-number", OtherForms),
        (Extra + "09-register-metadata-null", OtherForms),
        (Extra + "11-register-metadata-missing", OtherForms),
        (Extra + "12-register-bools-as-bool", OtherForms),
        (Extra + "13-register-timestamps-as-number", OtherForms),
        (Extra + "14-register-port-enabled-false", OtherForms),
        (Extra + "15-register-port-no-enabled", OtherForms),
        (Extra + "17-register-lowercase-status", OtherForms),
    ];

    public static TheoryData<string> Concerning() =>
        [.. RecordedExchange.Ids().Where(id => !Array.Exists(Exempt, exempt => id.StartsWith(exempt.Prefix, StringComparison.Ordinal)))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Recorded_exchanges_are_all_there_and_no_reason_is_without_one()
    {
        Assert.Equal(192, RecordedExchange.Ids().Count());
        Assert.All(Exempt, exempt => Assert.Contains(RecordedExchange.Ids(), id => id.StartsWith(exempt.Prefix, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Concerning))]
    public async Task Recorded_exchange_is_read_and_sent_in_the_form_that_the_server_accepted(string id)
    {
        var exchange = RecordedExchange.Load(id);
        RecordedRequest? sent = null;
        HttpResponseMessage Answer(RecordedRequest request)
        {
            sent = request;
            return exchange.ToResponse();
        }

        using var wire = new ScriptedRegistry { Answer = Answer, Look = Answer };
        using var client = new EurekaClient(TestConfiguration.Of(), TimeProvider.System, wire);

        var checks = (exchange.Method, exchange.Path) switch
        {
            ("GET", ["apps"]) => ReadListAsync(exchange, client.GetAllAsync(Token)),
            ("GET", ["apps", "delta"]) => ReadListAsync(exchange, client.GetDeltaAsync(Token)!),
            ("GET", ["apps", var app]) => ReadAppAsync(exchange, client.GetAppAsync(app, memory: null, Token)),
            ("GET", ["apps", var app, var instance]) => ReadInstanceAsync(
                exchange, client.GetInstanceAsync(app, Uri.UnescapeDataString(instance), Token)),
            ("GET", ["instances", _]) => ReadInstanceAsync(exchange, EurekaAnswers.InstanceAsync(exchange.ToResponse(), Token)),
            ("GET", [("vips" or "svips") and var kind, var vip]) => ReadListAsync(
                exchange, client.GetVipsAsync(vip, kind == "svips", memory: null, Token)),
            ("POST", ["apps", _]) => RegisterAsync(exchange, client, () => sent!),
            ("PUT", ["apps", _, _]) => AcceptOrNotAsync(
                exchange, client.HeartbeatAsync(RegistrationOf(exchange), StatusOf(exchange), DirtyOf(exchange), Token)),
            ("DELETE", ["apps", _, _]) => AcceptAsync(
                exchange, client.DeleteAsync(RegistrationOf(exchange), TimeSpan.FromSeconds(2), Token)),
            ("PUT", ["apps", _, _, "status"]) => AcceptOrNotAsync(
                exchange, client.OverrideStatusAsync(RegistrationOf(exchange), StatusOf(exchange), Token)),
            ("DELETE", ["apps", _, _, "status"]) => AcceptOrNotAsync(
                exchange, client.RemoveOverrideAsync(RegistrationOf(exchange), StatusOf(exchange), Token)),
            ("PUT", ["apps", _, _, "metadata"]) => AcceptOrNotAsync(
                exchange, client.AddMetadataAsync(RegistrationOf(exchange), QueryOf(exchange), Token)),
            _ => throw new Xunit.Sdk.XunitException($"{id}: {exchange.Method} {exchange.Target} is neither covered nor exempt."),
        };
        await checks;

        // Nothing is asked of this path; the answer has the form of the one above it.
        if (exchange.Path[0] != "instances")
        {
            AssertSent(exchange, sent!);
        }
    }

    private static async Task ReadListAsync(RecordedExchange exchange, Task<EurekaApplications> read)
    {
        var list = await read;
        var applications = exchange.AnswerJson["applications"]!;
        var expected = Members(applications["application"]).SelectMany(app => Members(app!["instance"])).ToArray();
        var hash = (string?)applications["apps__hashcode"];

        Assert.Equal(hash, list.Hash);
        AssertInstances(expected, list.Instances);
        if (exchange.Path is ["apps"])
        {
            Assert.Equal(hash, EurekaHash.Of(list.Instances));
        }
    }

    private static async Task ReadAppAsync(RecordedExchange exchange, Task<EurekaApplications?> read)
    {
        if (exchange.Status == 404)
        {
            Assert.Null(await read);
            return;
        }

        AssertInstances([.. Members(exchange.AnswerJson["application"]!["instance"])], (await read)!.Instances);
    }

    private static async Task ReadInstanceAsync(RecordedExchange exchange, Task<EurekaInstance?> read)
    {
        if (exchange.Status == 404)
        {
            Assert.Null(await read);
            return;
        }

        AssertInstances([exchange.AnswerJson["instance"]!], [(await read)!]);
    }

    private static async Task RegisterAsync(RecordedExchange exchange, EurekaClient client, Func<RecordedRequest> sent)
    {
        if (exchange.Status != 204)
        {
            // Made wrong on purpose: the server's words have to reach whoever reads the log.
            var registration = TestRegistration.Of() with { App = exchange.Path[1] };
            var refusal = await Assert.ThrowsAsync<EurekaException>(
                () => client.RegisterAsync(registration, RegistrationStatus.Up, 1, null, Token));
            Assert.Contains($"answered {exchange.Status}", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(Printable.Of(Encoding.UTF8.GetString(exchange.Answer)), refusal.Message, StringComparison.Ordinal);
            return;
        }

        var recorded = JsonNode.Parse(exchange.Body)!["instance"]!;
        var status = EurekaStatusNames.Parse((string)recorded["status"]!);
        await client.RegisterAsync(RecordedRegistration.Of(recorded), status, RecordedRegistration.DirtyOf(recorded), null, Token);

        Assert.Empty(RecordedRegistration.Differences(recorded, sent().Instance));
        Assert.StartsWith("application/json", exchange.Headers["Content-Type"], StringComparison.Ordinal);
    }

    private static async Task AcceptOrNotAsync(RecordedExchange exchange, Task<bool> operation)
    {
        switch (exchange.Status)
        {
            case 200 or 204:
                Assert.True(await operation);
                break;
            case 404:
                Assert.False(await operation);
                break;
            default:
                Assert.Contains(
                    $"answered {exchange.Status}",
                    (await Assert.ThrowsAsync<EurekaException>(() => operation)).Message,
                    StringComparison.Ordinal);
                break;
        }
    }

    private static async Task AcceptAsync(RecordedExchange exchange, Task operation)
    {
        Assert.Contains(exchange.Status, new[] { 200, 404 });
        await operation;
    }

    /// <summary>Method, path and query as recorded; what only some clients send may be missing on either side.</summary>
    private static void AssertSent(RecordedExchange exchange, RecordedRequest sent)
    {
        Assert.Equal(exchange.Method, sent.Method);
        Assert.Equal("/eureka/" + string.Join('/', exchange.Path), sent.Uri.AbsolutePath, ignoreCase: exchange.Path.Length > 1);
        Assert.Equal("application/json", sent.Accept);
        var ours = HttpUtility.ParseQueryString(sent.Uri.Query);
        foreach (var (key, value) in QueryOf(exchange))
        {
            // Regions are never asked for; values that the server refused are not of our vocabulary.
            if (key != "regions" && exchange.Status is 200 or 204 && !(key == "status" && value == "down"))
            {
                Assert.Equal(value, ours[key]);
            }
        }
    }

    private static void AssertInstances(JsonNode[] expected, IReadOnlyList<EurekaInstance> read)
    {
        Assert.Equal(expected.Length, read.Count);
        foreach (var (node, instance) in expected.Zip(read))
        {
            Assert.Equal(((string)node["app"]!).ToUpperInvariant(), instance.Key.App);
            Assert.Equal((string?)node["instanceId"] ?? (string)node["hostName"]!, instance.Key.Id);
            Assert.Equal((string?)node["hostName"], instance.HostName);
            Assert.Equal((string)node["status"]!, EurekaStatusNames.NameOf(instance.Status));
            Assert.Equal(
                (string?)node["overriddenStatus"] ?? (string?)node["overriddenstatus"] ?? "UNKNOWN",
                EurekaStatusNames.NameOf(instance.OverriddenStatus));
            Assert.Equal(
                node["lastDirtyTimestamp"]?.ToString() ?? "0",
                instance.LastDirty.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(node["port"]!["$"]!.ToString(), instance.Port.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(node["port"]!["@enabled"]!.ToString(), instance.Port.Enabled ? "true" : "false");
            Assert.Equal((string?)node["vipAddress"], instance.VipAddress);
            Assert.Equal((string?)node["actionType"] == "DELETED", instance.Deleted);
            Assert.Equal(node["metadata"]?.AsObject().Count(entry => entry.Key != "@class") ?? 0, instance.Metadata.Count);
        }
    }

    /// <summary>Old servers write a lone object for a list with one member.</summary>
    private static IEnumerable<JsonNode> Members(JsonNode? list) =>
        list is JsonArray array ? array.Select(static member => member!) : [list!];

    private static InstanceRegistration RegistrationOf(RecordedExchange exchange) =>
        TestRegistration.Of(Uri.UnescapeDataString(exchange.Path[2])) with { App = exchange.Path[1] };

    private static RegistrationStatus StatusOf(RecordedExchange exchange) =>
        EurekaStatusNames.Parse(QueryOf(exchange).FirstOrDefault(static entry => entry.Key is "value" or "status").Value);

    private static long DirtyOf(RecordedExchange exchange) =>
        long.TryParse(QueryOf(exchange).FirstOrDefault(static entry => entry.Key == "lastDirtyTimestamp").Value, out var dirty) ? dirty : 1;

    private static List<KeyValuePair<string, string>> QueryOf(RecordedExchange exchange)
    {
        var query = HttpUtility.ParseQueryString(exchange.Query);
        return [.. query.AllKeys.Select(key => KeyValuePair.Create(key!, query[key]!))];
    }
}
