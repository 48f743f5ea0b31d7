using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Registry.Tests;

/// <summary>
/// What a real Netflix server (1.10.18) answered, asked again here in the same order. Left out: XML, peer replication, changing metadata
/// and the compact form, which are not built.
/// </summary>
public sealed class CaptureReplayTests
{
    [Fact]
    public async Task Replay_of_a_life_of_several_services_gets_the_same_answers()
    {
        await using var server = await RegistryServer.StartAsync();

        // 86: the real server marks the instance without an id as the registry itself, because it compares an absent id.
        var mismatches = await ReplayAsync(
            server,
            CapturedExchange.Load("basic"),
            static (name, json) => name.StartsWith("86-", StringComparison.Ordinal)
                ? json.Replace("\"isCoordinatingDiscoveryServer\":\"true\"", "\"isCoordinatingDiscoveryServer\":\"false\"", StringComparison.Ordinal)
                : json);

        Assert.Empty(mismatches);

        // Of this answer only the cancelled instance: the recording had XML clients and changed metadata before it.
        var expected = CapturedExchange.Load("cancelled").Single().Answer;
        Assert.Equal(Instance(expected, "host1:orders:5002"), Instance(await server.TextAsync("/eureka/apps/delta"), "host1:orders:5002"));
    }

    [Fact]
    public async Task Replay_of_unusual_registrations_gets_the_same_answers()
    {
        await using var server = await RegistryServer.StartAsync();

        Assert.Empty(await ReplayAsync(server, CapturedExchange.Load("variants"), static (_, json) => json));
    }

    private static string Instance(string applications, string id) => CanonicalJson.Of(JsonNode.Parse(applications)!["applications"]!["application"]!.AsArray()
        .SelectMany(static app => app!["instance"]!.AsArray())
        .Single(instance => (string?)instance!["instanceId"] == id)!.ToJsonString());

    private static async Task<List<string>> ReplayAsync(RegistryServer server, CapturedExchange[] exchanges, Func<string, string, string> knownDifference)
    {
        List<string> mismatches = [];
        Assert.True(exchanges.Length > 30, "The recorded exchanges are missing from the output folder.");
        foreach (var exchange in exchanges)
        {
            using var request = exchange.ToRequest();
            using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var body = await ReadAsync(response);

            // Recorded times differ by milliseconds; here the clock stands still unless it is moved.
            server.Time.Advance(TimeSpan.FromMilliseconds(1));
            var expected = Comparable(exchange, knownDifference(exchange.Name, exchange.Answer));
            var actual = Comparable(exchange, body);
            if ((int)response.StatusCode != exchange.Status || actual != expected)
            {
                mismatches.Add($"{exchange.Name}: expected {exchange.Status} {expected}\n but got {(int)response.StatusCode} {actual}");
            }
        }

        return mismatches;
    }

    private static string Comparable(CapturedExchange exchange, string body)
    {
        if (exchange.Method != "GET" || body.Length == 0)
        {
            return body.Trim();
        }

        // Counts every delta that was made, also those for the XML clients of the recording.
        string[] masked = exchange.Target.Contains("delta", StringComparison.Ordinal) ? ["versions__delta"] : [];
        return exchange.Name.StartsWith("86-", StringComparison.Ordinal)
            ? CanonicalJson.Of(body, "lastDirtyTimestamp") // One of them came without, so that the server set it.
            : CanonicalJson.Of(body, masked);
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        if (!response.Content.Headers.ContentEncoding.Contains("gzip"))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        await using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
