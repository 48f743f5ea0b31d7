using System.Net;
using Mesh.Client.FunctionalTests.Servers;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>The endpoint took the request and ended the connection before the first byte of an answer:
/// whether it has acted, nobody knows.</summary>
public sealed class LostAnswerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", true)]
    [InlineData("POST", false)]
    [InlineData("PATCH", false)]
    [InlineData("MERGE", false)]
    public async Task Request_that_must_not_be_repeated_is_taken_once(string method, bool body)
    {
        using var server = new DyingServer(once: false);
        await using var application = new MeshApplication(Settings.Service("orders", server.Url));
        using var request = Request(method, body);
        var content = request.Content;

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(request, Token));

        Assert.Equal(HttpRequestError.ResponseEnded, exception.HttpRequestError);
        Assert.Single(server.Taken);
        Assert.Same(content, request.Content);
    }

    [Theory]
    [InlineData("POST", true)]
    [InlineData("POST", false)]
    public async Task Request_that_must_not_be_repeated_is_not_taken_elsewhere_when_the_endpoint_is_gone(string method, bool body)
    {
        using var dying = new DyingServer(once: true);
        await using var alive = await TestServer.StartAsync("alive");
        await using var application = new MeshApplication(
            Settings.Service("orders", dying.Url, alive.Url).With("Services:orders:LoadBalancing:Policy", "RoundRobin"));
        var client = application.Client();
        var (calls, failed) = (0, 0);

        for (; dying.Taken.IsEmpty && calls < 10; calls++)
        {
            using var request = Request(method, body);
            try
            {
                using var response = await client.SendAsync(request, Token);
            }
            catch (HttpRequestException)
            {
                failed++;
            }
        }

        Assert.Single(dying.Taken);
        Assert.Equal(1, failed);
        Assert.Equal(calls - 1, alive.Requests);
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("PUT", null)]
    [InlineData("POST", "key-1")]
    public async Task Request_that_may_be_repeated_is_answered_by_another_endpoint(string method, string? key)
    {
        using var dying = new DyingServer(once: false);
        await using var alive = await TestServer.StartAsync("alive");
        await using var application = new MeshApplication(
            Settings.Service("orders", dying.Url, alive.Url).With("Services:orders:LoadBalancing:Policy", "RoundRobin"));

        for (var i = 0; dying.Taken.IsEmpty && i < 10; i++)
        {
            using var request = Request(method, body: false);
            if (key is not null)
            {
                request.Headers.Add("Idempotency-Key", key);
            }

            using var response = await application.Client().SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.NotEmpty(dying.Taken);
    }

    [Fact]
    public async Task Request_that_expects_100_continue_has_at_most_its_head_repeated()
    {
        // A limit that the pages name: the runtime repeats what has sent nothing of its body, and
        // cannot be kept from it without dropping the header.
        using var server = new DyingServer(once: false);
        await using var application = new MeshApplication(Settings.Service("orders", server.Url));
        using var request = Request("POST", body: true);
        request.Headers.ExpectContinue = true;

        await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(request, Token));

        Assert.All(server.Taken, head =>
        {
            Assert.StartsWith("POST /42 HTTP/1.1\r\n", head, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    public async Task Request_without_a_body_goes_out_as_it_always_did(string method)
    {
        using var server = new DyingServer(once: false);
        await using var application = new MeshApplication(Settings.Service("orders", server.Url));
        using var request = Request(method, body: false);

        await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(request, Token));

        var head = Assert.Single(server.Taken);
        Assert.StartsWith($"{method} /42 HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 0\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Content-Type", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Transfer-Encoding", head, StringComparison.Ordinal);
    }

    private static HttpRequestMessage Request(string method, bool body) =>
        new(new HttpMethod(method), "http://orders/42") { Content = body ? new StringContent("order") : null };
}
