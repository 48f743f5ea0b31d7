using System.Net.Http.Headers;
using System.Text;
using Mesh.Registry.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Registry.Tests.Http;

/// <summary>What is told of a registration that is refused: to the client, and to the operator.</summary>
public sealed class RefusalTests
{
    private const string Json = "application/json";
    private const string Xml = "application/xml";

    private const string Batch =
        """{"replicationList":[{"appName":"ORDERS","id":"a","action":"Register","instanceInfo":{"app":"ORDERS","instanceId":"a","hostName":"h","ipAddr":"10.0.0.1","dataCenterInfo":{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"}}}]}""";

    [Theory]
    [InlineData(Json, Json, Json, """{"error": "cannot parse request body"}""")]
    [InlineData(Json, Xml, Json, """{"error": "cannot parse request body"}""")]
    [InlineData(Json, null, Json, """{"error": "cannot parse request body"}""")]
    [InlineData(Xml, Xml, Xml, "<error><message>cannot parse request body</message></error>")]
    [InlineData(Xml, Json, Xml, "<error><message>cannot parse request body</message></error>")]
    [InlineData(Xml, null, Xml, "<error><message>cannot parse request body</message></error>")]
    public async Task Refusal_comes_in_the_form_of_the_request(string sent, string? accept, string form, string expected)
    {
        await using var server = await RegistryServer.StartAsync();

        var (status, type, body) = await PostAsync(server, "?", sent, accept);

        Assert.Equal((400, form, expected), (status, type, body));
    }

    [Theory]
    [InlineData("""{"instance":{"app":"ORDERS","instanceId":"a","port":80}}""", "a", "port", "it cannot be understood")]
    [InlineData("""{"instance":{"app":"ORDERS","hostName":"h","dataCenterInfo":{"@class":"x","name":"MyOwn"}}}""", "h",
        "dataCenterInfo.@class", "it cannot be understood")]
    [InlineData("""{"instance":{"app":"ORDERS","instanceId":"a","hostName":"h"}}""", "a", "ipAddr", "Missing ip address")]
    [InlineData("""{"instance":{"app":"BILLING","instanceId":"a","hostName":"h","ipAddr":"1"}}""", "a", "app",
        "Mismatched appName, expecting ORDERS but was BILLING")]
    [InlineData("""{"instance":{"app":"ORDERS","instanceId":"a\nb"}}""", "(not printable)", "instanceId",
        "instanceId contains a control character or broken text")]
    [InlineData("{", "(unknown)", "(the whole)", "it cannot be understood")]
    public async Task Refusal_is_told_with_service_instance_address_and_field(string body, string instance, string field, string reason)
    {
        await using var server = await StartAsync();

        await PostAsync(server, body, Json, Json);

        var told = Assert.Single(Refusals(server));
        Assert.Equal((LogLevel.Warning, new EventId(108, "RegistrationRefused").Name), (told.Level, told.Id.Name));
        Assert.Equal(
            ["ORDERS", instance, "127.0.0.1", field, reason],
            new[] { "App", "Instance", "Address", "Field", "Reason" }.Select(told.GetStructuredStateValue));
    }

    [Fact]
    public async Task Refusal_of_a_body_that_is_too_large_or_of_another_type_is_told()
    {
        await using var server = await StartAsync();

        Assert.Equal(413, (await PostAsync(server, new string(' ', 70_000), Json, Json)).Status);
        Assert.Equal(415, (await PostAsync(server, "{}", "text/plain", Json)).Status);

        Assert.Equal(["(the whole)", "Content-Type"], Refusals(server).Select(static told => told.GetStructuredStateValue("Field")));
    }

    [Fact]
    public async Task Refusal_in_the_batch_of_a_peer_is_told()
    {
        await using var server = await StartAsync();
        using var content = new StringContent(
            """{"replicationList":[{"appName":"ORDERS","id":"a","action":"Register","instanceInfo":{"app":"ORDERS","instanceId":"a","port":80}}]}""",
            Encoding.UTF8,
            new MediaTypeHeaderValue(Json));

        using var response = await server.Client.PostAsync(
            new Uri("/eureka/peerreplication/batch/", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(
            """{"responseList":[{"statusCode":400}]}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("port", Assert.Single(Refusals(server)).GetStructuredStateValue("Field"));
    }

    /// <summary>A page of any site may send these types to a registry on localhost, without asking first.</summary>
    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("text/plain; charset=\"application/json\"", 415)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    [InlineData("multipart/form-data; boundary=b", 415)]
    [InlineData("application/xml", 415)]
    [InlineData(null, 415)]
    [InlineData("application/json", 200)]
    [InlineData("APPLICATION/JSON;charset=UTF-8", 200)]
    public async Task Batch_is_taken_as_JSON_only(string? type, int expected)
    {
        await using var server = await StartAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Batch));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);

        using var response = await server.Client.PostAsync(
            new Uri("/eureka/peerreplication/batch/", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal(expected == 200 ? 1 : 0, server.Services.GetRequiredService<RegistryStore>().Snapshot.Count);
        Assert.Equal(
            expected == 200 ? [] : ["Content-Type"], Refusals(server).Select(static told => told.GetStructuredStateValue("Field")));
    }

    [Theory]
    [InlineData("POST", "/eureka/apps/ORDERS")]
    [InlineData("PUT", "/eureka/apps/ORDERS/a")]
    [InlineData("DELETE", "/eureka/apps/ORDERS/a")]
    [InlineData("PUT", "/eureka/apps/ORDERS/a/status?value=DOWN")]
    [InlineData("DELETE", "/eureka/v2/apps/ORDERS/a/status")]
    [InlineData("PUT", "/eureka/apps/ORDERS/a/metadata?k=v")]
    [InlineData("POST", "/eureka/peerreplication/batch")]
    [InlineData("PUT", "/eureka/asg/a/status?value=DISABLED")]
    public async Task Change_by_a_page_of_another_site_is_refused(string method, string path)
    {
        await using var server = await StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json());
        var before = server.Services.GetRequiredService<RegistryStore>().Snapshot;

        foreach (var site in new[] { "cross-site", "same-site", "Cross-Site", "same-origin, cross-site", "other" })
        {
            var (status, type, text) = await SendFromAsync(server, method, path, site);

            Assert.Equal((403, "text/plain"), (status, type));
            Assert.StartsWith("Refused: a page of another site", text, StringComparison.Ordinal);
        }

        Assert.Same(before, server.Services.GetRequiredService<RegistryStore>().Snapshot);
    }

    [Theory]
    [InlineData("same-origin")]
    [InlineData("none")]
    [InlineData(null)]
    public async Task Change_by_a_page_of_the_registry_itself_is_taken(string? site)
    {
        await using var server = await StartAsync();

        Assert.Equal(200, (await SendFromAsync(server, "POST", "/eureka/peerreplication/batch", site)).Status);
    }

    [Theory]
    [InlineData("GET", "/eureka/apps")]
    [InlineData("GET", "/")]
    [InlineData("HEAD", "/eureka/apps")]
    [InlineData("HEAD", "/")]
    public async Task Reading_is_not_refused_to_a_link_on_another_site(string method, string path)
    {
        await using var server = await StartAsync();

        Assert.Equal(200, (await SendFromAsync(server, method, path, "cross-site")).Status);
    }

    /// <summary>The browser adds a password that it knows, also for another site's page.</summary>
    [Fact]
    public async Task Change_by_a_page_of_another_site_is_refused_with_the_password_too()
    {
        await using var server = await RegistryServer.StartAsync(static options => (options.Username, options.Password) = ("me", "secret"));
        server.Client.DefaultRequestHeaders.Authorization = new("Basic", "bWU6c2VjcmV0");

        Assert.Equal(403, (await SendFromAsync(server, "POST", "/eureka/peerreplication/batch", "cross-site")).Status);
        Assert.Equal(200, (await SendFromAsync(server, "POST", "/eureka/peerreplication/batch", "same-origin")).Status);
    }

    [Fact]
    public async Task Refusal_that_repeats_is_told_once_in_ten_minutes_and_again_after_them()
    {
        await using var server = await StartAsync();
        foreach (var _ in Enumerable.Range(0, 20))
        {
            await PostAsync(server, "{", Json, Json);
            server.Time.Advance(TimeSpan.FromSeconds(29));
        }

        Assert.Single(Refusals(server), static told => told.Level == LogLevel.Warning);
        Assert.Equal(20, Refusals(server).Count);

        server.Time.Advance(TimeSpan.FromSeconds(30));
        await PostAsync(server, "{", Json, Json);
        Assert.Equal(2, Refusals(server).Count(static told => told.Level == LogLevel.Warning));
    }

    [Fact]
    public async Task Refusals_under_ever_new_names_do_not_fill_the_log()
    {
        await using var server = await StartAsync();
        foreach (var number in Enumerable.Range(0, 300))
        {
            await PostAsync(server, $$$"""{"instance":{"app":"ORDERS","instanceId":"i{{{number}}}","port":80}}""", Json, Json);
        }

        Assert.Equal(10, Refusals(server).Count(static told => told.Level == LogLevel.Warning));

        server.Time.Advance(TimeSpan.FromMinutes(1));
        await PostAsync(server, "{", Json, Json);
        Assert.Equal(11, Refusals(server).Count(static told => told.Level == LogLevel.Warning));
    }

    private static Task<RegistryServer> StartAsync() =>
        RegistryServer.StartAsync(
            services: static services => services.AddLogging(static logging => logging.AddFakeLogging().SetMinimumLevel(LogLevel.Debug)));

    private static List<FakeLogRecord> Refusals(RegistryServer server) =>
        [.. server.Services.GetFakeLogCollector().GetSnapshot().Where(static record => record.Id.Id == 108)];

    private static async Task<(int Status, string? Type, string Body)> SendFromAsync(
        RegistryServer server, string method, string path, string? site)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        request.Content = method == "POST" ? new StringContent("""{"replicationList":[]}""", Encoding.UTF8, Json) : null;

        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<(int Status, string? Type, string Body)> PostAsync(
        RegistryServer server, string body, string type, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/eureka/apps/ORDERS");
        request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(),
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
