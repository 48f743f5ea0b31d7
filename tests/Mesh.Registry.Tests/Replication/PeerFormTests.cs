using System.Text.Json.Nodes;
using Mesh.Registry.Http;
using Mesh.Registry.Instances;
using Mesh.Registry.Tests.Captures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Registry.Tests;

/// <summary>What a peer that is no registry of ours hears, and what its answers do.</summary>
public sealed class PeerFormTests
{
    [Fact(Timeout = 60_000)]
    public async Task Batch_has_the_form_of_the_protocol_and_its_answers_are_obeyed()
    {
        var port = RegistryNode.FreePorts(2);
        var batches = System.Threading.Channels.Channel.CreateUnbounded<(IHeaderDictionary Headers, JsonNode Body)>();
        await using var peer = await ScriptedPeerAsync(port[0], async context =>
        {
            var body = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: TestContext.Current.CancellationToken))!;
            if (body["replicationList"]!.AsArray().Count > 0)
            {
                batches.Writer.TryWrite((new HeaderDictionary(context.Request.Headers.ToDictionary()), body));
            }

            var lines = body["replicationList"]!.AsArray().Select(static line => (string?)line!["action"] == "Heartbeat"
                ? """{"statusCode":404}"""
                : """{"statusCode":200}""");
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                $$"""{"responseList":[{{string.Join(',', lines)}}]}""", TestContext.Current.CancellationToken);
        });
        await using var node = new RegistryNode(port[1], options => options.Peers.Add($"http://me:se%20cret@127.0.0.1:{port[0]}/eureka/"));
        await node.StartAsync();
        using var client = new FailoverClient([node]);

        await client.SendAsync(HttpMethod.Post, "apps/ORDERS", Samples.Json());
        var (headers, batch) = await batches.Reader.ReadAsync(TestContext.Current.CancellationToken);
        var line = Assert.Single(batch["replicationList"]!.AsArray())!;
        Assert.Equal(("Register", "ORDERS", "a"), ((string?)line["action"], (string?)line["appName"], (string?)line["id"]));
        Assert.Equal("UP", (string?)line["status"]);
        Assert.Equal("UNKNOWN", (string?)line["overriddenStatus"]);
        Assert.Equal((string?)line["instanceInfo"]!["lastDirtyTimestamp"], ((long?)line["lastDirtyTimestamp"]).ToString());
        Assert.Equal("DefaultServer", headers["DiscoveryIdentity-Name"].ToString());
        Assert.Equal("application/json", headers.ContentType.ToString());
        Assert.False(headers.ContainsKey(RegistryRequest.ReplicationHeader));
        Assert.Equal("Basic " + Convert.ToBase64String("me:se cret"u8), headers.Authorization.ToString());

        // It does not know the instance and says so: it is registered there anew.
        await client.SendAsync(HttpMethod.Put, "apps/ORDERS/a");
        Assert.Equal(
            "Heartbeat",
            (string?)(await batches.Reader.ReadAsync(TestContext.Current.CancellationToken)).Body["replicationList"]![0]!["action"]);
        Assert.Equal(
            "Register",
            (string?)(await batches.Reader.ReadAsync(TestContext.Current.CancellationToken)).Body["replicationList"]![0]!["action"]);
    }

    [Fact(Timeout = 60_000)]
    public async Task Copy_at_the_start_takes_the_listings_of_real_servers()
    {
        var port = RegistryNode.FreePorts(2);
        var recorded = CapturedExchange.Load("v1.10.18-spring-layout").Single(
            static exchange => exchange.Name == "45-apps-after-override").Answer;
        await using var peer = await ScriptedPeerAsync(
            port[0], context => context.Response.WriteAsync(recorded, TestContext.Current.CancellationToken));
        await using var node = new RegistryNode(port[1], options => options.Peers.Add($"http://127.0.0.1:{port[0]}/eureka/"));

        await node.StartAsync();

        Assert.Equal(3, node.Store.Snapshot.Count);
        Assert.Equal(InstanceStatus.OutOfService, node.Store.Snapshot.FindById("host1:orders:5001")!.Override);
        using var client = new FailoverClient([node]);
        Assert.Equal(200, (await client.SendAsync(HttpMethod.Get, "apps")).Status);
    }

    private static async Task<WebApplication> ScriptedPeerAsync(int port, RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
