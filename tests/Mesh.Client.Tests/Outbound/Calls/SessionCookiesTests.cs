using System.Net;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.HttpClients;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>The cookies of a client with a container belong to the service, whichever endpoint answers.</summary>
public sealed class SessionCookiesTests : IDisposable
{
    private readonly CookieContainer _jar = new();
    private readonly List<string> _sent = [];
    private MeshFixture? _mesh;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _mesh?.Dispose();

    [Fact]
    public async Task Answer_of_one_endpoint_sets_what_the_others_are_sent()
    {
        using var client = Start(("http://10.0.0.1", "session=s1; Path=/"), ("http://10.0.0.2", null));

        await LogInAsync(client);
        await SendAsync(client, "http://shop/cart");
        await SendAsync(client, "http://shop/cart");

        Assert.Equal(["session=s1", "session=s1"], _sent);
        Assert.Equal("session=s1", _jar.GetCookieHeader(new Uri("http://shop/")));
    }

    [Fact]
    public async Task Service_at_the_same_host_is_sent_nothing_of_another()
    {
        using var client = Start(("http://10.0.0.1:81", "session=s1; Path=/"), ("http://10.0.0.1:82", null));

        await SendAsync(client, "http://shop/");
        await SendAsync(client, "http://other/");

        Assert.Equal(["-", "-"], _sent);
    }

    [Fact]
    public async Task Cookies_that_the_user_put_there_for_the_service_are_sent()
    {
        using var client = Start(("http://10.0.0.1", null));
        _jar.Add(new Uri("http://shop/"), new Cookie("a", "1"));

        await SendAsync(client, "http://shop/");

        Assert.Equal(["a=1"], _sent);
    }

    [Theory]
    [InlineData("mine=0", "mine=0; a=1")]
    [InlineData("mine=0; yours=2", "mine=0; yours=2; a=1")]
    public async Task Header_of_the_user_stays_beside_them_and_as_it_was(string users, string sent)
    {
        using var client = Start(("http://10.0.0.1", null));
        _jar.Add(new Uri("http://shop/"), new Cookie("a", "1"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop/");
        request.Headers.Add("Cookie", users);

        using var answer = await client.SendAsync(request, Token);

        Assert.Equal([sent], _sent);
        Assert.Equal([users], request.Headers.NonValidated["Cookie"]);
    }

    [Fact]
    public async Task Request_carries_none_after_the_call()
    {
        using var client = Start(("http://10.0.0.1", null));
        _jar.Add(new Uri("http://shop/"), new Cookie("a", "1"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop/");

        using var answer = await client.SendAsync(request, Token);

        Assert.Equal(["a=1"], _sent);
        Assert.False(request.Headers.Contains("Cookie"));
    }

    /// <summary>A container checks what is added to it, and not what becomes of it.</summary>
    [Fact]
    public async Task Value_that_would_begin_another_header_is_not_sent()
    {
        using var client = Start(("http://10.0.0.1", null));
        _jar.Add(new Uri("http://shop/"), new Cookie("a", "1"));
        Assert.Single(_jar.GetAllCookies()).Value = "1\r\nX-Evil: 1";
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop/") { Headers = { { "Cookie", "mine=0" } } };

        using var answer = await client.SendAsync(request, Token);

        Assert.Equal(["mine=0"], _sent);
        Assert.Equal(["mine=0"], request.Headers.NonValidated["Cookie"]);
    }

    [Fact]
    public async Task Cookie_that_asks_for_TLS_goes_to_endpoints_with_TLS_only()
    {
        using var client = Start(("https://10.0.0.1", "session=s1; Path=/; Secure"), ("http://10.0.0.2", null));

        await LogInAsync(client);
        await SendAsync(client, "http://shop/");
        await SendAsync(client, "http://shop/");

        Assert.Equal(["-", "session=s1"], _sent.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Path_of_a_cookie_is_the_endpoints()
    {
        using var client = Start(("http://10.0.0.1/api", "session=s1; Path=/api/cart"));

        await SendAsync(client, "http://shop/cart");
        await SendAsync(client, "http://shop/cart/1");
        await SendAsync(client, "http://shop/other");

        Assert.Equal(["-", "session=s1", "-"], _sent);
    }

    [Fact]
    public async Task Cookie_that_cannot_be_read_or_is_for_another_site_is_left_out()
    {
        using var client = Start(("http://10.0.0.1", "a=1; Domain=example.com"));

        await SendAsync(client, "mesh://shop/");
        await SendAsync(client, "mesh://shop/");

        Assert.Equal(["-", "-"], _sent);
        Assert.Equal(0, _jar.Count);
    }

    [Fact]
    public async Task Redirect_within_the_service_carries_what_it_sets()
    {
        using var client = Start(("http://10.0.0.1", null));
        _mesh!.Network.On("10.0.0.1:80", (request, _) =>
        {
            Note(request);
            var answer = new HttpResponseMessage(_sent.Count == 1 ? HttpStatusCode.Found : HttpStatusCode.OK);
            if (_sent.Count == 1)
            {
                answer.Headers.Location = new Uri("/home", UriKind.Relative);
                answer.Headers.Add("Set-Cookie", "session=s1; Path=/");
            }

            return Task.FromResult(answer);
        });

        await SendAsync(client, "http://shop/login");

        Assert.Equal(["-", "session=s1"], _sent);
    }

    [Fact]
    public async Task Attempt_that_is_repeated_keeps_what_the_failed_one_set()
    {
        using var client = Start(("http://10.0.0.1", null), ("http://10.0.0.2", null));
        foreach (var endpoint in new[] { "10.0.0.1:80", "10.0.0.2:80" })
        {
            _mesh!.Network.On(endpoint, (request, _) =>
            {
                Note(request);
                var status = _sent.Count == 1 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK;
                return Task.FromResult(new HttpResponseMessage(status) { Headers = { { "Set-Cookie", "a=1; Path=/" } } });
            });
        }

        await SendAsync(client, "http://shop/");

        Assert.Equal(["-", "a=1"], _sent);
    }

    /// <summary>A client with the container, and what each endpoint sets. Ports 81 and 82 are two services; else all are one.</summary>
    private HttpClient Start(params (string Address, string? Sets)[] endpoints)
    {
        _mesh = new MeshFixture(options =>
        {
            foreach (var (address, _) in endpoints)
            {
                var name = new Uri(address).Port == 82 ? "other" : "shop";
                options.Services.TryAdd(name, new ServiceOptions { LoadBalancing = { Policy = LoadBalancingPolicies.RoundRobin } });
                options.Services[name].Endpoints.Add(address);
            }
        });
        foreach (var (address, sets) in endpoints)
        {
            var uri = new Uri(address);
            _mesh.Network.On($"{uri.Host}:{uri.Port}", (request, _) =>
            {
                Note(request);
                var answer = new HttpResponseMessage(HttpStatusCode.OK);
                if (sets is not null)
                {
                    answer.Headers.Add("Set-Cookie", sets);
                }

                return Task.FromResult(answer);
            });
        }

        var handler = new MeshHandler(_mesh.Provider.GetRequiredService<CallPipeline>(), ownPrimary: false, cookies: _jar)
        {
            InnerHandler = new RecordingHandler(),
        };
        return new HttpClient(handler);
    }

    private void Note(HttpRequestMessage request) =>
        _sent.Add(request.Headers.NonValidated.TryGetValues("Cookie", out var values) ? string.Join(" | ", values) : "-");

    /// <summary>Sends until an endpoint has set something, and forgets what was sent so far.</summary>
    private async Task LogInAsync(HttpClient client)
    {
        for (var i = 0; i < 2 && _jar.Count == 0; i++)
        {
            await SendAsync(client, "http://shop/login");
        }

        Assert.Equal(1, _jar.Count);
        _sent.Clear();
    }

    private static async Task SendAsync(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(new Uri(address), Token);
    }
}
