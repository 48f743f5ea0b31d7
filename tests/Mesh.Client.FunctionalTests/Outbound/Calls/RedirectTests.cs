using System.Net;
using System.Text;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>Redirects are followed as HttpClient does, as long as they stay inside the service.</summary>
public sealed class RedirectTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, string, string> Rules => new()
    {
        { 301, "GET", "GET" },
        { 301, "POST", "GET" },
        { 302, "POST", "GET" },
        { 303, "POST", "GET" },
        { 303, "PUT", "GET" },
        { 307, "POST", "POST body" },
        { 308, "POST", "POST body" },
        { 302, "PUT", "PUT body" },
        { 300, "POST", "GET" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Redirect_inside_the_service_is_followed_with_the_method_that_the_status_asks_for(
        int status, string method, string expected)
    {
        await using var server = await StartAsync(_ => (status, "/done?x=1"));
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://shop/start");
        request.Content = method == "GET" ? null : new StringContent("body", Encoding.UTF8, "text/plain");

        using var response = await application.Client().SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, (await response.Content.ReadAsStringAsync(Token)).Trim());
        Assert.Equal(2, server.Requests);
        Assert.Equal("http://shop/done?x=1", response.RequestMessage!.RequestUri!.AbsoluteUri);
    }

    [Fact]
    public async Task Redirect_to_the_endpoints_own_absolute_address_stays_inside()
    {
        await using var server = await StartAsync(context => (302, $"http://127.0.0.1:{context.Connection.LocalPort}/done"));
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));

        Assert.Equal("GET", (await application.Client().GetStringAsync(new Uri("http://shop/start"), Token)).Trim());
    }

    [Fact]
    public async Task Redirect_to_the_services_name_stays_inside_when_one_endpoint_is_dead()
    {
        await using var server = await StartAsync(_ => (302, "http://shop/done"));
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(Settings.Service("shop", dead.Url, server.Url));
        var client = application.Client();

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("GET", (await client.GetStringAsync(new Uri("http://shop/start"), Token)).Trim());
        }
    }

    /// <summary>Followers name their leader. While it leaves it still serves; once it is gone, the call fails as it does without the
    /// mesh.</summary>
    [Fact]
    public async Task Redirect_to_a_leader_that_leaves_goes_there_and_to_one_that_is_gone_fails_at_once()
    {
        var leaving = true;
        var leader = await TestServer.StartAsync(context =>
        {
            if (leaving)
            {
                context.Response.Headers["mesh-draining"] = "1";
            }

            return context.Response.WriteAsync("written");
        });
        var address = leader.Url;
        await using var first = await StartAsync(_ => (307, address + "/start"));
        await using var second = await StartAsync(_ => (307, address + "/start"));
        await using var application = new MeshApplication(Settings.Service("shop", leader.Url, first.Url, second.Url));
        var client = application.Client();
        await WriteAsync(30);
        Assert.Equal(1, application.Count(1203));
        var asked = first.Requests + second.Requests;
        Assert.InRange(asked, 1, 30);

        await leader.DisposeAsync();
        for (var i = 1; i <= 10; i++)
        {
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => WriteAsync(1));
            Assert.Contains("connect_failure", exception.Message, StringComparison.Ordinal);
            Assert.InRange(first.Requests + second.Requests - asked, i, 2 * i);
        }

        async Task WriteAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var response = await client.PostAsync(new Uri("http://shop/start"), new StringContent("order"), Token);
                Assert.Equal("written", await response.Content.ReadAsStringAsync(Token));
            }
        }
    }

    [Theory]
    [InlineData("/api/done")]
    [InlineData("http://shop/api/done")]
    [InlineData("done")]
    public async Task Redirect_below_a_base_path_gets_it_once(string location)
    {
        // The endpoint names its own paths, which have the base path; the mesh adds it to every request.
        await using var server = await TestServer.StartAsync(context =>
        {
            if (context.Request.Path == "/api/start")
            {
                context.Response.Redirect(location);
                return Task.CompletedTask;
            }

            return context.Response.WriteAsync(context.Request.Path);
        });
        await using var application = new MeshApplication(Settings.Service("shop", server.Url + "/api"));

        Assert.Equal("/api/done", await application.Client().GetStringAsync(new Uri("http://shop/start"), Token));
    }

    [Theory]
    [InlineData("http:")]
    [InlineData("")]
    public async Task Redirect_to_another_host_is_returned_as_it_is(string scheme)
    {
        await using var other = await TestServer.StartAsync("other");
        await using var server = await StartAsync(_ => (302, $"{scheme}//{other.Name}/login"));
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));

        using var response = await application.Client().GetAsync(new Uri("http://shop/start"), Token);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal($"{scheme}//{other.Name}/login", response.Headers.GetValues("Location").Single());
        Assert.Equal(0, other.Requests);
    }

    [Fact]
    public async Task Redirect_without_end_is_given_up_where_HttpClient_does()
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.Redirect("/again");
            return Task.CompletedTask;
        });
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));

        using var response = await application.Client().GetAsync(new Uri("http://shop/"), Token);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(51, server.Requests);
    }

    [Fact]
    public async Task Redirect_of_a_body_that_is_gone_is_returned_as_it_is()
    {
        await using var server = await StartAsync(_ => (307, "/done"));
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));
        using var content = new StreamContent(new OneWayStream(1000));

        using var response = await application.Client().PostAsync(new Uri("http://shop/start"), content, Token);

        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    /// <summary>Redirects once; then says how it was called.</summary>
    private static Task<TestServer> StartAsync(Func<HttpContext, (int Status, string Location)> redirect) =>
        TestServer.StartAsync(async context =>
    {
        if (context.Request.Path != "/start")
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Method} {await reader.ReadToEndAsync(context.RequestAborted)}");
            return;
        }

        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        var (status, location) = redirect(context);
        context.Response.StatusCode = status;
        context.Response.Headers.Location = location;
    });
}
