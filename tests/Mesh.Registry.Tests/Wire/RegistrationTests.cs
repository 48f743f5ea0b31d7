using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Registry.Http;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Registry.Tests.Wire;

public sealed class RegistrationTests
{
    private const string Unparsable = """{"error": "cannot parse request body"}""";

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"instance":null}""")]
    [InlineData("""{"instance":[]}""")]
    [InlineData("""{"instance":{"app":"ORDERS","hostName":{"a":1}}}""")]
    [InlineData("""{"instance":{"app":"ORDERS","hostName":"\ud800"}}""")]
    [InlineData("""{"instance":{"app":"ORDERS","countryId":{}}}""")]
    [InlineData("""{"instance":{"app":"ORDERS","port":{"$":70000}}}""")]
    [InlineData("""{"instance":{"app":"ORDERS","port":{"$":-1}}}""")]
    [InlineData("""{"instance":{"app":"ORDERS","leaseInfo":[]}}""")]
    [InlineData("""{"instance":{"app":"ORDERS","leaseInfo":{"durationInSecs":99999999999999999999}}}""")]
    [InlineData("""{"instance":{"app":"ORDERS","metadata":"x"}}""")]
    [InlineData("""{"instance":{"app":"ORDERS","dataCenterInfo":"x"}}""")]
    public async Task Register_with_a_body_that_is_none_is_refused_as_unparsable(string body)
    {
        await using var server = await RegistryServer.StartAsync();

        Assert.Equal((400, Unparsable), await server.RegisterAsync("ORDERS", body));
    }

    [Theory]
    [InlineData("/eureka/apps/ORDERS", HttpStatusCode.NoContent)]
    [InlineData("/eureka/peerreplication/batch/", HttpStatusCode.OK)]
    public async Task Register_with_a_byte_order_mark_is_taken_as_by_a_real_server(string path, HttpStatusCode expected)
    {
        await using var server = await RegistryServer.StartAsync();
        var body = path.EndsWith("ORDERS", StringComparison.Ordinal) ? Samples.Json() : """{"replicationList":[]}""";
        using var content = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(body)]);
        content.Headers.ContentType = new("application/json");

        using var response = await server.Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Register_with_bytes_that_are_no_text_is_refused()
    {
        await using var server = await RegistryServer.StartAsync();
        using var content = new ByteArrayContent([.. "{\"instance\":{\"app\":\"ORDERS\",\"hostName\":\""u8, 0xC3, 0x28, .. "\"}}"u8]);
        content.Headers.ContentType = new("application/json");

        using var response = await server.Client.PostAsync(
            new Uri("/eureka/apps/ORDERS", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("instanceId")]
    [InlineData("hostName")]
    [InlineData("ipAddr")]
    [InlineData("vipAddress")]
    [InlineData("homePageUrl")]
    public async Task Register_with_control_characters_is_refused_and_says_where(string field)
    {
        await using var server = await RegistryServer.StartAsync();

        // The second of two equal members counts.
        var (status, body) = await server.RegisterAsync("ORDERS", Samples.Json(more: $",\"{field}\":\"a\\r\\nb\""));

        Assert.Equal(400, status);
        Assert.StartsWith(field, body, StringComparison.Ordinal);
        Assert.Equal("", await HashAsync(server));
    }

    [Theory]
    [InlineData("""{"a\u0000":"b"}""")]
    [InlineData("""{"a":"\u001b[31m"}""")]
    public async Task Register_with_control_characters_in_metadata_is_refused(string metadata)
    {
        await using var server = await RegistryServer.StartAsync();

        Assert.Equal(400, (await server.RegisterAsync("ORDERS", Samples.Json(metadata: metadata))).Status);
    }

    [Fact]
    public async Task Register_with_letters_of_any_script_returns_them_unchanged()
    {
        await using var server = await RegistryServer.StartAsync();
        Assert.Equal(204, (await server.RegisterAsync("ORDERS", Samples.Json(id: "é-日本-😀", metadata: """{"ü":"ß <b>&'\""}"""))).Status);

        var instance = JsonNode.Parse(await server.TextAsync($"/eureka/instances/{Uri.EscapeDataString("é-日本-😀")}"))!["instance"]!;

        Assert.Equal("é-日本-😀", (string?)instance["instanceId"]);
        Assert.Equal("ß <b>&'\"", (string?)instance["metadata"]!["ü"]);
    }

    [Theory]
    [InlineData(256, 204)]
    [InlineData(257, 400)]
    public async Task Register_with_a_long_name_is_taken_up_to_the_limit(int length, int expected)
    {
        await using var server = await RegistryServer.StartAsync();

        Assert.Equal(expected, (await server.RegisterAsync("ORDERS", Samples.Json(id: new string('x', length)))).Status);
    }

    [Theory]
    [InlineData(1_000, 204)]
    [InlineData(1_001, 400)]
    public async Task Register_with_much_metadata_is_taken_up_to_the_limit(int bytes, int expected)
    {
        await using var server = await RegistryServer.StartAsync(static options => options.MaxMetadataBytes = 1_000);

        // One byte for the key; "é" are two.
        var value = "é" + new string('x', bytes - 3);
        Assert.Equal(expected, (await server.RegisterAsync("ORDERS", Samples.Json(metadata: $$"""{"k":"{{value}}"}"""))).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Register_with_a_body_over_the_limit_is_refused(bool chunked)
    {
        await using var server = await RegistryServer.StartAsync(
            static options => (options.MaxBodyBytes, options.MaxMetadataBytes) = (2_000, 1_000));
        var json = Samples.Json();
        foreach (var (length, expected) in new[] { (2_000, 204), (2_001, 413) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/eureka/apps/ORDERS");
            request.Content = new StringContent(json + new string(' ', length - json.Length), Encoding.UTF8, "application/json");
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(expected, (int)response.StatusCode);
        }
    }

    /// <summary>No part is too large, and each is taken before the next comes.</summary>
    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public async Task ReadAsync_parts_that_are_too_large_together_are_refused(int last, bool taken)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
        var reading = RequestBody.ReadAsync(context, limit: 2_000);
        await pipe.Writer.WriteAsync(new byte[1_000], TestContext.Current.CancellationToken);
        await pipe.Writer.WriteAsync(new byte[last], TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();

        Assert.Equal(taken ? 2_000 : null, (await reading)?.Length);
        Assert.Equal(taken ? 200 : 413, context.Response.StatusCode);
    }

    [Fact]
    public async Task Register_when_full_gets_503_with_the_name_of_the_setting()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.MaxInstances = 1);
        await server.RegisterAsync("ORDERS", Samples.Json("a"));

        var (status, body) = await server.RegisterAsync("ORDERS", Samples.Json("b"));

        Assert.Equal(503, status);
        Assert.Contains("Mesh:Registry:MaxInstances", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(-5, 60)]
    [InlineData(7, 7)]
    [InlineData(101, 100)]
    public async Task Register_asking_for_a_lease_gets_it_within_the_limits(int asked, int given)
    {
        await using var server = await RegistryServer.StartAsync(static options =>
        {
            options.DefaultLeaseDuration = TimeSpan.FromSeconds(60);
            options.MaxLeaseDuration = TimeSpan.FromSeconds(100);
        });
        await server.RegisterAsync("ORDERS", Samples.Json(lease: asked));

        var instance = JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!;

        Assert.Equal(given, (int)instance["leaseInfo"]!["durationInSecs"]!);
    }

    [Fact]
    public async Task Register_without_times_gets_those_of_the_server()
    {
        await using var server = await RegistryServer.StartAsync();
        var now = server.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await server.RegisterAsync("ORDERS", Samples.Json());
        server.Time.Advance(TimeSpan.FromSeconds(2));

        var instance = JsonNode.Parse(await server.TextAsync("/eureka/instances/a"))!["instance"]!;

        Assert.Equal(now.ToString(CultureInfo.InvariantCulture), (string?)instance["lastDirtyTimestamp"]);
        Assert.Equal(now.ToString(CultureInfo.InvariantCulture), (string?)instance["lastUpdatedTimestamp"]);
        Assert.Equal(now, (long)instance["leaseInfo"]!["registrationTimestamp"]!);
        Assert.Equal(now, (long)instance["leaseInfo"]!["lastRenewalTimestamp"]!);
        Assert.Equal(now, (long)instance["leaseInfo"]!["serviceUpTimestamp"]!);
    }

    [Fact]
    public void Listing_never_shows_a_renewal_before_the_registration()
    {
        var time = Clock.Create();
        var instance = Samples.Instance(time);
        time.Advance(TimeSpan.FromMilliseconds(3));
        var store = Samples.Store(time);
        store.Register(instance);

        var json = JsonNode.Parse(
            new ListingWriter(time).WriteInstance(WireForm.Json, store.Snapshot.Find(instance.Key)!))!["instance"]!["leaseInfo"]!;

        Assert.Equal((long)json["registrationTimestamp"]!, (long)json["lastRenewalTimestamp"]!);
    }

    private static async Task<string?> HashAsync(RegistryServer server) =>
        (string?)JsonNode.Parse(await server.TextAsync("/eureka/apps"))!["applications"]!["apps__hashcode"];

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}
