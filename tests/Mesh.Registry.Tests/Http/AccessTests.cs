using System.Net;
using System.Text;

namespace Mesh.Registry.Tests.Http;

public sealed class AccessTests
{
    [Theory]
    [InlineData(null, 401)]
    [InlineData("Basic bWU6c2VjcmV0", 200)] // me:secret
    [InlineData("basic  bWU6c2VjcmV0 ", 200)]
    [InlineData("Basic bWU6U2VjcmV0", 401)] // me:Secret
    [InlineData("Basic bWU6c2VjcmV0eA==", 401)] // me:secretx
    [InlineData("Basic bWU=", 401)]
    [InlineData("Basic", 401)]
    [InlineData("Basic !!!!", 401)]
    [InlineData("Bearer bWU6c2VjcmV0", 401)]
    public async Task Request_needs_the_user_and_the_password(string? authorization, int expected)
    {
        await using var server = await RegistryServer.StartAsync(static options => (options.Username, options.Password) = ("me", "secret"));
        foreach (var path in new[] { "/eureka/apps", "/eureka/v2/apps", "/eureka/apps/delta", "/eureka/status", "/" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (authorization is not null)
            {
                request.Headers.Add("Authorization", authorization);
            }

            using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(expected, (int)response.StatusCode);
            Assert.Equal(expected == 401, response.Headers.WwwAuthenticate.Count == 1);
        }
    }

    [Theory]
    [InlineData("POST", "/eureka/apps/ORDERS")]
    [InlineData("PUT", "/eureka/apps/ORDERS/a")]
    [InlineData("DELETE", "/eureka/apps/ORDERS/a")]
    [InlineData("PUT", "/eureka/apps/ORDERS/a/status?value=DOWN")]
    [InlineData("DELETE", "/eureka/apps/ORDERS/a/status")]
    [InlineData("PUT", "/eureka/apps/ORDERS/a/metadata?k=v")]
    [InlineData("POST", "/eureka/peerreplication/batch/")]
    public async Task Change_without_the_password_is_refused(string method, string path)
    {
        await using var server = await RegistryServer.StartAsync(static options => (options.Username, options.Password) = ("me", "secret"));

        Assert.Equal(401, await server.SendAsync(method, path));
    }

    [Fact]
    public async Task Health_needs_no_password_and_tells_numbers_only()
    {
        await using var server = await RegistryServer.StartAsync(static options => (options.Username, options.Password) = ("me", "secret"));

        using var response = await server.GetAsync("/health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"status":"UP","services":0,"instances":0,"expired":0,"selfPreservation":false,"peers":0,"peersReachable":0}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Metadata_by_request_is_bounded_and_clean()
    {
        await using var server = await RegistryServer.StartAsync(static options => options.MaxMetadataBytes = 100);
        await server.RegisterAsync("ORDERS", Samples.Json());

        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a/metadata?k=" + new string('x', 99)));
        Assert.Equal(400, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a/metadata?k2=x"));
        Assert.Equal(200, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a/metadata?k=x"));
        Assert.Equal(400, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a/metadata?k=a%0Ab"));
        Assert.Equal(400, await server.SendAsync("PUT", "/eureka/apps/ORDERS/a/metadata?k%00=a"));
        Assert.Equal(404, await server.SendAsync("PUT", "/eureka/apps/ORDERS/b/metadata?k=a%0Ab"));
    }

    [Theory]
    [InlineData("""{"replicationList":[{"appName":"A","id":"a","action":"Drop"}]}""", 200, """{"responseList":[{"statusCode":400}]}""")]
    [InlineData("""{"replicationList":[{"appName":"A","id":"a","action":"Register"}]}""", 200, """{"responseList":[{"statusCode":400}]}""")]
    [InlineData("""{"replicationList":[{"appName":"A","id":"a","action":"Register","instanceInfo":{"app":"B"}}]}""", 200,
        """{"responseList":[{"statusCode":400}]}""")]
    [InlineData("""{"replicationList":[]}""", 200, """{"responseList":[]}""")]
    [InlineData("""{"replicationList":[1]}""", 400, """{"error": "cannot parse request body"}""")]
    [InlineData("""{"replicationList":[{"appName":"\ud800"}]}""", 400, """{"error": "cannot parse request body"}""")]
    [InlineData("""{}""", 400, """{"error": "cannot parse request body"}""")]
    [InlineData("", 400, """{"error": "cannot parse request body"}""")]
    public async Task Batch_with_what_is_none_is_refused(string body, int status, string answer)
    {
        await using var server = await RegistryServer.StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await server.Client.PostAsync(
            new Uri("/eureka/peerreplication/batch/", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(answer, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Batch_over_its_limit_is_refused()
    {
        await using var server = await RegistryServer.StartAsync(
            static options => (options.MaxBodyBytes, options.MaxMetadataBytes) = (1_024, 100));
        using var content = new StringContent(new string(' ', 65_537), Encoding.UTF8, "application/json");

        using var response = await server.Client.PostAsync(
            new Uri("/eureka/peerreplication/batch", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(413, (int)response.StatusCode);
    }
}
