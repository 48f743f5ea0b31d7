using System.Net;
using System.Text.Json.Nodes;
using Mesh.Registry.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Registry.Tests.Http;

public sealed class ProtocolTests
{
    [Fact]
    public async Task Instance_without_heartbeats_leaves_after_a_short_lease_and_is_told_as_deleted()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.EvictionInterval = TimeSpan.FromSeconds(1));
        await server.RegisterAsync("ORDERS", Samples.Json(lease: 3));
        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a?status=UP"));
        server.Time.Advance(TimeSpan.FromSeconds(4));

        // The loop runs on the thread pool; this is what it calls.
        server.Services.GetRequiredService<RegistryStore>().EvictExpired();

        Assert.Equal(404, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a?status=UP"));
        var delta = JsonNode.Parse(await server.TextAsync("/eureka/apps/delta"))!["applications"]!;
        Assert.Equal("DELETED", (string?)delta["application"]![0]!["instance"]![0]!["actionType"]);
        Assert.Equal("", (string?)delta["apps__hashcode"]);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("deflate, GZIP;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("br", false)]
    [InlineData(null, false)]
    public async Task Listing_is_compressed_only_for_clients_that_take_it(string? accepted, bool compressed)
    {
        await using var server = await RegistryServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/eureka/apps");
        request.Headers.Add("Accept", "application/json");
        if (accepted is not null)
        {
            request.Headers.Add("Accept-Encoding", accepted);
        }

        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(compressed, response.Content.Headers.ContentEncoding.Contains("gzip"));
        Assert.Equal(["Accept", "Accept-Encoding", "X-Eureka-Accept"], response.Headers.Vary);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.NotNull(response.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData(null, "application/xml")]
    [InlineData("*/*", "application/xml")]
    [InlineData("application/*", "application/xml")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json;q=0.1, application/xml", "application/json")]
    [InlineData("application/json;q=0, application/xml", "application/xml")]
    [InlineData("application/vnd.eureka+json", null)]
    [InlineData("text/html", null)]
    [InlineData("application/json;q=0", null)]
    public async Task Listing_comes_in_json_only_for_those_who_name_it(string? accepted, string? contentType)
    {
        await using var server = await RegistryServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/eureka/apps");
        if (accepted is not null)
        {
            request.Headers.Add("Accept", accepted);
        }

        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal(contentType is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Delta_after_lost_changes_answers_403()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.MaxInstances = 1);
        for (var number = 0; number < 3; number++)
        {
            await server.RegisterAsync("ORDERS", Samples.Json($"i{number}"));
            await server.SendAsync("DELETE", $"/eureka/apps/ORDERS/i{number}");
        }

        using var delta = await server.GetAsync("/eureka/apps/delta");

        Assert.Equal(HttpStatusCode.Forbidden, delta.StatusCode);
    }

    [Fact]
    public async Task Instance_ids_with_an_encoded_slash_and_with_its_three_characters_are_two()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json("x/y"));
        await server.RegisterAsync("ORDERS", Samples.Json("x%2Fy"));

        Assert.Equal(200, await server.SendAsync("DELETE", "/eureka/apps/ORDERS/x%2Fy"));
        Assert.Equal(404, await server.SendAsync("PUT", "/eureka/apps/ORDERS/x%2Fy"));
        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/ORDERS/x%252Fy"));
    }

    [Fact]
    public async Task Instance_and_application_with_the_same_slashed_name_are_told_apart_by_case()
    {
        await using var server = await RegistryServer.StartAsync();
        Assert.Equal(204, (await server.RegisterAsync("x%2Fy", Samples.Json("X/Y", "x/y"))).Status);

        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/x%2Fy/X%2FY"));
        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/x%2Fy/X%2fY"));
        Assert.Equal(404, await server.SendAsync("PUT", "/eureka/apps/X%2FY/x%2Fy"));
    }

    [Fact]
    public async Task Listing_asked_for_its_head_has_no_body()
    {
        await using var server = await RegistryServer.StartAsync();

        Assert.Equal(200, await server.SendAsync("HEAD", "/eureka/apps"));
    }

    [Fact]
    public async Task Virtual_address_that_several_share_selects_all_of_them()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json("a", more: ",\"vipAddress\":\"orders, shop\""));
        await server.RegisterAsync(
            "BILLING", Samples.Json("b", "BILLING", more: ",\"vipAddress\":\"SHOP\",\"secureVipAddress\":\"billing\""));

        Assert.Equal("UP_2_", await HashAsync(server, "/eureka/vips/shop"));
        Assert.Equal("UP_1_", await HashAsync(server, "/eureka/vips/orders"));
        Assert.Equal("", await HashAsync(server, "/eureka/vips/billing"));
        Assert.Equal("UP_1_", await HashAsync(server, "/eureka/svips/billing"));
    }

    [Fact]
    public async Task MapMeshRegistry_under_another_path_serves_there_only()
    {
        await using var server = await RegistryServer.StartAsync(map: static app => app.MapMeshRegistry("/eureka/v2"));

        Assert.Equal(200, await server.SendAsync("GET", "/eureka/v2/apps/"));
        Assert.Equal(404, await server.SendAsync("GET", "/eureka/apps"));
    }

    [Fact]
    public async Task MapMeshRegistry_conventions_reach_every_endpoint()
    {
        await using var server = await RegistryServer.StartAsync(map: static app => app.MapMeshRegistry().WithMetadata("mark"));
        var endpoints = server.Services.GetRequiredService<Microsoft.AspNetCore.Routing.EndpointDataSource>().Endpoints;

        // 16 of the protocol in two layouts, the page and health.
        Assert.Equal(34, endpoints.Count);
        Assert.All(endpoints, static endpoint => Assert.Contains("mark", endpoint.Metadata.OfType<string>()));
    }

    private static async Task<string?> HashAsync(RegistryServer server, string path) =>
        (string?)JsonNode.Parse(await server.TextAsync(path))!["applications"]!["apps__hashcode"];
}
