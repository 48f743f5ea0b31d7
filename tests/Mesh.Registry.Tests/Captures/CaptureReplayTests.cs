using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mesh.Registry.Tests.Captures;

/// <summary>
/// What a real Netflix server (1.10.18) answered, asked again here in the same order: every recorded request. Times that the server sets
/// are masked. What else differs is named at its test, with the reason. A real server knows no ordinals.
/// </summary>
public sealed partial class CaptureReplayTests
{
    [Fact]
    public async Task Replay_of_a_life_of_several_services_gets_the_same_answers()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        var replay = new Replay(server)
        {
            Comparable = static (exchange, body) => exchange.Name switch
            {
                // The recorded JSON ends one brace too early, and all values are those of one server: the names of the fields are compared.
                "104-status-json" => Names(body.TrimEnd('\n') + (exchange.Answer.TrimEnd() == body.TrimEnd() ? "}" : "")),
                "105-status-xml" => NamesOfXml(body),

                // The recorded entity is a live object: later lines of the same batch had changed its last action before it was written.
                "102-peerreplication-batch" => Replay.Canonical(exchange, body, "actionType"),
                _ => Replay.Canonical(
                    exchange,
                    KnownDifferences(body),
                    exchange.Target.Contains("delta", StringComparison.Ordinal) ? ["versions__delta"] : []),
            },
        };

        var exchanges = CapturedExchange.Load("v1.10.18-spring-layout");
        Assert.Equal(110, exchanges.Length);
        await replay.RunAsync(exchanges);

        Assert.Empty(replay.Differences);
    }

    [Fact]
    public async Task Replay_of_unusual_registrations_gets_the_same_answers()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        var replay = new Replay(server);

        var exchanges = CapturedExchange.Load("v1.10.18-extra");
        Assert.Equal(44, exchanges.Length);
        await replay.RunAsync(exchanges);

        Assert.Empty(replay.Differences);
    }

    [Theory]
    [InlineData("/eureka/v2/")]
    [InlineData("/eureka/")]
    public async Task Replay_in_either_layout_gets_the_same_answers(string layout)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        var replay = new Replay(server);

        await replay.RunAsync(CapturedExchange.Load("v1.10.18-extra").Select(exchange => exchange.Under(layout)));

        Assert.Empty(replay.Differences);
    }

    /// <summary>
    /// An older way of writing JSON that the real server can be switched to: lists of one as that one, numbers and strings the other way
    /// round. Here there is one way; the content is compared.
    /// </summary>
    [Fact]
    public async Task Replay_of_a_server_with_the_old_json_gets_the_same_content()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        var replay = new Replay(server)
        {
            Comparable = static (exchange, body) => body.Length == 0 ? body : OldJson.Canonical(JsonNode.Parse(body)!),
        };

        await replay.RunAsync(CapturedExchange.Load("v1.10.18-legacy-XStreamJson-codec"));

        Assert.Empty(replay.Differences);
    }

    /// <summary>The Netflix client for Java, as it registered, sent heartbeats, read everything and then changes, and left.</summary>
    [Fact]
    public async Task Replay_of_the_netflix_client_gets_the_same_answers()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        var replay = new Replay(server) { Comparable = static (exchange, body) => Replay.Canonical(exchange, body, "versions__delta") };
        var exchanges = CapturedExchange.Load("client-netflix-java-1.10.18");

        await replay.RunAsync(exchanges.Take(7));

        // Somebody else registered in between; that request is known only by the answers after it.
        await RegisterNeighbourAsync(server, exchanges[7].Answer);
        await replay.RunAsync(exchanges.Skip(7));

        Assert.Equal(18, exchanges.Length);
        Assert.Empty(replay.Differences);
    }

    /// <summary>The npm package eureka-js-client, which sends no version of its registration and never asks for changes.</summary>
    [Fact]
    public async Task Replay_of_the_javascript_client_gets_the_same_answers()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.Ordinals = false);
        var exchanges = CapturedExchange.Load("client-eureka-js-client-4.5.0");
        await RegisterNeighbourAsync(server, exchanges[1].Answer);
        var replay = new Replay(server)
        {
            // Its registration came without a version, so that the server set it; and the second answer
            // was up to 30 seconds old there (response cache).
            Comparable = (exchange, body) => exchange.Name.StartsWith("002-", StringComparison.Ordinal)
                ? ""
                : Replay.Canonical(exchange, body, "lastDirtyTimestamp"),
        };

        await replay.RunAsync(exchanges);

        Assert.Equal(11, exchanges.Length);
        Assert.Empty(replay.Differences);
    }

    // The real server takes the instance without an id for itself, because it compares an absent id with its own absent one; and two
    // registrations came without a version, so that the server set it.
    private static string KnownDifferences(string body) => VersionSetByServer().Replace(
        body.Replace("\"isCoordinatingDiscoveryServer\":\"true\"", "\"isCoordinatingDiscoveryServer\":\"false\"", StringComparison.Ordinal)
            .Replace("<isCoordinatingDiscoveryServer>true<", "<isCoordinatingDiscoveryServer>false<", StringComparison.Ordinal),
        static match => match.Groups[1].Value + "0");

    [GeneratedRegex("""((?:"instanceId":"(?:var-no-dirty|x1)"|<instanceId>(?:var-no-dirty|x1)<).*?(?:"lastDirtyTimestamp":"|<lastDirtyTimestamp>))\d+""", RegexOptions.Singleline)]
    private static partial Regex VersionSetByServer();

    private static string Names(string json)
    {
        IEnumerable<string> Paths(JsonNode? node, string path) =>
            node is JsonObject members ? members.SelectMany(member => Paths(member.Value, path + "/" + member.Key)) : [path];
        return string.Join('\n', Paths(JsonNode.Parse(json), "").Where(IsCompared).Order(StringComparer.Ordinal));
    }

    private static string NamesOfXml(string xml) => string.Join('\n', System.Xml.Linq.XDocument.Parse(xml).Descendants()
        .Select(static element => element.Name.LocalName).Where(IsCompared).Order(StringComparer.Ordinal));

    // This registry tells no group and no pages of its own entry, but its last change as for all others.
    private static bool IsCompared(string path) => !path.EndsWith("Url", StringComparison.Ordinal)
        && !path.EndsWith("appGroupName", StringComparison.Ordinal) && !path.EndsWith("actionType", StringComparison.Ordinal);

    private static async Task RegisterNeighbourAsync(RegistryServer server, string listing)
    {
        var app = JsonNode.Parse(listing)!["applications"]!["application"]!
            .AsArray()
            .Single(static app => (string?)app!["name"] == "CURLAPP")!;
        var (status, _) = await server.RegisterAsync("CURLAPP", $$"""{"instance":{{app["instance"]![0]!.ToJsonString()}}}""");
        Assert.Equal(204, status);
    }
}
