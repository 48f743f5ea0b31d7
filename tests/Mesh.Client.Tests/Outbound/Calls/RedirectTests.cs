using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.Calls;

public sealed class RedirectTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The endpoint has answered; what is met where its answer leads says nothing of it.</summary>
    [Theory]
    [InlineData("http://elsewhere/", false)]
    [InlineData("/other", true)]
    public async Task Send_own_primary_that_fails_behind_a_redirect_blames_the_endpoint_only_where_it_stayed_there(
        string location, bool blamed)
    {
        using var primary = new RecordingHandler((request, _) =>
        {
            request.RequestUri = new Uri(request.RequestUri!, location);
            throw ScriptedNetwork.Refused();
        });
        using var mesh = Fleet.Of(1, primary: primary);

        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        Assert.Equal(blamed, mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(blamed, primary.Received.Count > 1);
    }

    [Theory]
    [InlineData("http://elsewhere/", false)]
    [InlineData("/other", true)]
    public async Task Send_body_that_breaks_behind_a_redirect_of_an_own_primary_blames_the_endpoint_only_where_it_stayed_there(
        string location, bool blamed)
    {
        using var primary = new RecordingHandler((request, _) =>
        {
            request.RequestUri = new Uri(request.RequestUri!, location);
            return Task.FromResult(BodyVerdictTests.Answer(new BreakingStream(10), 100_000));
        });
        using var mesh = Fleet.Of(1, primary: primary);
        using var response = await mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Token));

        Assert.Equal(blamed, mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>As in HttpClient: the answer's request says where it came from. On the endpoint that is the service.</summary>
    [Theory]
    [InlineData("http://catalog/a", "http://10.0.0.1", "/b?x=1", "http://catalog/b?x=1")]
    [InlineData("http://catalog:5000/a", "http://10.0.0.1", "/b", "http://catalog:5000/b")]
    [InlineData("mesh://catalog/a", "http://10.0.0.1", "/b#there", "mesh://catalog/b#there")]
    [InlineData("http://catalog/a", "http://10.0.0.1/base", "/base/b", "http://catalog/b")]
    [InlineData("http://catalog/a", "http://10.0.0.1/base", "/base", "http://catalog/")]
    [InlineData("http://catalog/a", "https://10.0.0.1", "/b", "http://catalog/b")]
    // Nothing of the service is there.
    [InlineData("http://catalog/a", "http://10.0.0.1/base", "/login", "http://10.0.0.1/login")]
    [InlineData("http://catalog/a", "http://10.0.0.1/base", "/base/..%2Flogin", "http://10.0.0.1/base/..%2Flogin")]
    [InlineData("http://catalog/a", "http://10.0.0.1", "http://10.0.0.1:81/b", "http://10.0.0.1:81/b")]
    [InlineData("http://catalog/a", "http://10.0.0.1", "https://10.0.0.1:80/b", "https://10.0.0.1:80/b")]
    [InlineData("http://catalog/a", "http://10.0.0.1", "http://elsewhere/b", "http://elsewhere/b")]
    public async Task Send_own_primary_that_follows_a_redirect_says_where_the_answer_came_from(
        string url, string endpoint, string location, string expected)
    {
        using var primary = new RecordingHandler((request, token) =>
        {
            request.RequestUri = new Uri(request.RequestUri!, location);
            return Answers.Status(HttpStatusCode.OK)(request, token);
        });
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] = new ServiceOptions { Endpoints = { endpoint } }, primary: primary);

        using var response = await mesh.Client.GetAsync(url, Token);

        Assert.Equal(expected, response.RequestMessage!.RequestUri!.ToString());
    }

    [Fact]
    public async Task Send_own_primary_that_follows_no_redirect_leaves_the_address_alone()
    {
        using var primary = new RecordingHandler(Answers.Status(HttpStatusCode.OK));
        using var mesh = Fleet.Of(1, primary: primary);
        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        var before = request.RequestUri;

        using var response = await mesh.Client.SendAsync(request, Token);

        Assert.Same(before, response.RequestMessage!.RequestUri);
    }

    /// <summary>A retry is a call of the service again, wherever the redirect of the attempt before has led.</summary>
    [Theory]
    [InlineData(503)]
    [InlineData(0)]
    public async Task Send_own_primary_that_followed_a_redirect_is_retried_from_the_original_address(int status)
    {
        var first = true;
        using var primary = new RecordingHandler((request, token) =>
        {
            if (!first)
            {
                return Answers.Status(HttpStatusCode.OK)(request, token);
            }

            first = false;
            request.RequestUri = new Uri(request.RequestUri!, "/moved");
            return status == 0 ? throw ScriptedNetwork.Refused() : Answers.Status((HttpStatusCode)status)(request, token);
        });
        using var mesh = Fleet.Of(2, primary: primary);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/a");
        var before = request.RequestUri;

        using var response = await mesh.Advance(mesh.Client.SendAsync(request, Token));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, primary.Received.Count);
        Assert.All(primary.Received, received => Assert.EndsWith("/a", received.Uri, StringComparison.Ordinal));
        Assert.Same(before, response.RequestMessage!.RequestUri);
    }

    [Theory]
    [InlineData("http://catalog/a#here", "/b", "http://catalog/b#here")]
    [InlineData("http://catalog/a#here", "/b#there", "http://catalog/b#there")]
    [InlineData("http://catalog/a", "/b?x=1#there", "http://catalog/b?x=1#there")]
    [InlineData("http://catalog/a", "/b", "http://catalog/b")]
    public async Task Send_redirect_keeps_the_fragment_of_the_request_unless_it_has_its_own(string url, string location, string expected)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((request, token) => (request.RequestUri!.AbsolutePath == "/a"
            ? Answers.Redirect(HttpStatusCode.Found, location)
            : Answers.Status(HttpStatusCode.OK))(request, token));

        using var response = await mesh.Client.GetAsync(new Uri(url), Token);

        Assert.Equal(expected, response.RequestMessage!.RequestUri!.ToString());
    }

    [Theory]
    [InlineData(301, "GET", "GET")]
    [InlineData(301, "HEAD", "HEAD")]
    [InlineData(301, "POST", "GET")]
    [InlineData(301, "PUT", "PUT")]
    [InlineData(302, "GET", "GET")]
    [InlineData(302, "HEAD", "HEAD")]
    [InlineData(302, "POST", "GET")]
    [InlineData(303, "GET", "GET")]
    [InlineData(303, "HEAD", "HEAD")]
    [InlineData(303, "POST", "GET")]
    [InlineData(303, "PUT", "GET")]
    [InlineData(307, "GET", "GET")]
    [InlineData(307, "HEAD", "HEAD")]
    [InlineData(307, "POST", "POST")]
    [InlineData(308, "GET", "GET")]
    [InlineData(308, "HEAD", "HEAD")]
    [InlineData(308, "POST", "POST")]
    public async Task Send_redirect_follows_with_the_method_of_HttpClient(int status, string method, string expected)
    {
        using var mesh = Fleet.Of(2);
        var bodies = new List<string?>();
        mesh.All(async (request, token) =>
        {
            bodies.Add(request.Content is null ? null : await request.Content.ReadAsStringAsync(token));
            return await (request.RequestUri!.AbsolutePath == "/" ? Answers.Redirect((HttpStatusCode)status, "/there?x=1")
                : Answers.Status(HttpStatusCode.OK))(request, token);
        });
        var sent = method is "POST" or "PUT" ? JsonContent.Create("hello") : null;

        using var response = await mesh.Client.SendAsync(
            new HttpRequestMessage(new HttpMethod(method), Fleet.Url) { Content = sent }, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var last = mesh.Network.Received.Last();
        Assert.Equal(2, mesh.Network.Received.Count);
        Assert.Equal(expected, last.Method.Method);
        Assert.Equal("http://catalog/there?x=1", last.Uri.AbsoluteUri);
        Assert.Equal(expected == method && sent is not null ? "\"hello\"" : null, bodies[1]);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>A free choice would prefer the follower again, which is quick and never busy.</summary>
    [Theory]
    [InlineData(LoadBalancingPolicies.Adaptive)]
    [InlineData(LoadBalancingPolicies.PeakEwma)]
    [InlineData(LoadBalancingPolicies.LeastRequest)]
    [InlineData(LoadBalancingPolicies.RoundRobin)]
    public async Task Send_redirect_to_another_endpoint_goes_there(string policy)
    {
        using var mesh = Fleet.Of(5, service => service.LoadBalancing.Policy = policy);
        for (var leader = 5; leader >= 4; leader--)
        {
            for (var i = 1; i <= 5; i++)
            {
                mesh.Network.On(
                    Fleet.At(i),
                    i == leader ? Answers.Status(HttpStatusCode.OK)
                        : Answers.Redirect(HttpStatusCode.TemporaryRedirect, $"http://10.0.0.{leader}/"));
            }

            for (var i = 0; i < 30; i++)
            {
                var before = mesh.Network.Received.Count;
                using var response = await mesh.Client.PutAsync(Fleet.Url, new StringContent("x"), Token);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.InRange(mesh.Network.Received.Count - before, 1, 2);
            }
        }
    }

    /// <summary>The others would name it again, up to the limit of redirects: it is asked whatever the balancer thinks of it.</summary>
    [Theory]
    [InlineData("ejected")]
    [InlineData("draining")]
    [InlineData("behind")]
    [InlineData("outside")]
    public async Task Send_redirect_to_an_endpoint_that_is_not_in_use_goes_there(string state)
    {
        var count = state == "outside" ? 9 : 3;
        using var mesh = Fleet.Of(count, service =>
        {
            service.LoadBalancing.SubsetSize = 2;
            if (state == "behind")
            {
                service.Endpoints[2].Labels["priority"] = "1";
            }
        });
        var set = mesh.Catalog().Endpoints.Current;
        var leader = state == "outside" ? set.All.Except(set.Usable).First() : mesh.Endpoint(3);
        foreach (var endpoint in set.All)
        {
            mesh.Network.On(
                endpoint.Name,
                endpoint == leader
                    ? Answers.Status(HttpStatusCode.OK)
                    : Answers.Redirect(HttpStatusCode.TemporaryRedirect, leader.Description.Address.ToString()));
        }

        if (state == "ejected")
        {
            mesh.Eject(3);
        }
        else if (state == "draining")
        {
            mesh.Catalog().Draining.Begin(leader);
        }

        for (var i = 1; i <= 20; i++)
        {
            using var response = await mesh.Client.PutAsync(Fleet.Url, new StringContent("x"), Token);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.InRange(mesh.Network.Received.Count, i, 2 * i);
        }
    }

    /// <summary>As without the mesh, but after another follower was asked, which may know a new leader.</summary>
    [Fact]
    public async Task Send_redirect_to_an_endpoint_that_is_dead_fails_with_its_failure()
    {
        using var mesh = Fleet.Of(3);
        mesh.Network.On(Fleet.At(1), Answers.Redirect(HttpStatusCode.TemporaryRedirect, "http://10.0.0.3/"));
        mesh.Network.On(Fleet.At(2), Answers.Redirect(HttpStatusCode.TemporaryRedirect, "http://10.0.0.3/"));
        mesh.Network.Refuse(Fleet.At(3));

        for (var i = 0; i < 10; i++)
        {
            mesh.Network.Received.Clear();
            var exception = await Assert.ThrowsAsync<HttpRequestException>(
                () => mesh.Advance(mesh.Client.PostAsync(Fleet.Url, new StringContent("x"), Token)));

            Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
            Assert.Contains(Fleet.At(3) + ": connect_failure", exception.Message, StringComparison.Ordinal);
            Assert.InRange(mesh.Network.Received.Count, 1, 5);
        }

        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_redirect_to_an_endpoint_that_is_dead_finds_the_one_that_another_names()
    {
        using var mesh = Fleet.Of(4);
        mesh.Network.On(Fleet.At(1), Answers.Redirect(HttpStatusCode.TemporaryRedirect, "http://10.0.0.3/"));
        mesh.Network.Refuse(Fleet.At(3));
        mesh.Network.On(Fleet.At(2), Answers.Redirect(HttpStatusCode.TemporaryRedirect, "http://10.0.0.4/"));
        mesh.Network.On(Fleet.At(4), Answers.Status(HttpStatusCode.Created));

        for (var i = 0; i < 10; i++)
        {
            using var response = await mesh.Advance(mesh.Client.PostAsync(Fleet.Url, new StringContent("x"), Token));

            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }
    }

    /// <summary>How another one fails that was asked after it says nothing about the redirect.</summary>
    [Fact]
    public async Task Send_redirect_back_to_a_dead_endpoint_fails_with_its_failure_and_not_with_a_later_one()
    {
        using var mesh = Fleet.Of(4, service =>
        {
            service.Retry.BudgetRatio = 1;
            service.OutlierDetection.Enabled = false;
        });
        mesh.Network.On(Fleet.At(1), Answers.Redirect(HttpStatusCode.TemporaryRedirect, "http://10.0.0.3/"));
        mesh.Network.On(Fleet.At(2), Answers.Reset);
        mesh.Network.Refuse(Fleet.At(3));
        mesh.Network.On(Fleet.At(4), Answers.Redirect(HttpStatusCode.TemporaryRedirect, "http://10.0.0.3/"));
        var between = 0;

        for (var i = 0; i < 10; i++)
        {
            mesh.Network.Received.Clear();
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

            Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
            between += mesh.Network.Received.SkipLast(1).Last().Endpoint == Fleet.At(2) ? 1 : 0;
        }

        Assert.NotEqual(0, between);
    }

    [Fact]
    public async Task Send_redirect_back_to_a_dead_endpoint_leaves_no_redirecting_response()
    {
        using var mesh = Fleet.Of(3);
        var contents = new List<TrackedContent>();
        mesh.All((_, _) =>
        {
            contents.Add(new TrackedContent("moved"));
            var response = new HttpResponseMessage(HttpStatusCode.TemporaryRedirect) { Content = contents[^1] };
            response.Headers.Location = new Uri("http://10.0.0.3/");
            return Task.FromResult(response);
        });
        mesh.Network.Refuse(Fleet.At(3));

        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        Assert.NotEmpty(contents);
        Assert.All(contents, content => Assert.True(content.Disposed));
    }

    /// <summary>The one that has redirected has not failed: at the new address it is as good as any other.</summary>
    [Fact]
    public async Task Send_retry_behind_a_redirect_without_a_name_may_go_back_to_the_endpoint_that_has_redirected()
    {
        using var mesh = Fleet.Of(2, service => service.Retry.BudgetRatio = 1);
        var there = 0;
        mesh.All((request, token) => request.RequestUri!.AbsolutePath == "/"
            ? Answers.Redirect(HttpStatusCode.TemporaryRedirect, "/there")(request, token)
            : there++ % 2 == 0
                ? throw new HttpRequestException(HttpRequestError.VersionNegotiationError)
                : Answers.Status(HttpStatusCode.Created)(request, token));

        for (var i = 1; i <= 10; i++)
        {
            using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));

            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            Assert.Equal(2 * i, there);
        }
    }

    /// <summary>A retry elsewhere would only lead back to it.</summary>
    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public async Task Send_redirect_to_an_endpoint_that_refuses_returns_its_answer(int status)
    {
        using var mesh = Fleet.Of(3);
        mesh.Network.On(Fleet.At(1), Answers.Redirect(HttpStatusCode.TemporaryRedirect, "http://10.0.0.3/"));
        mesh.Network.On(Fleet.At(2), Answers.Redirect(HttpStatusCode.TemporaryRedirect, "http://10.0.0.3/"));
        mesh.Network.On(Fleet.At(3), Answers.Status((HttpStatusCode)status));

        for (var i = 0; i < 10; i++)
        {
            mesh.Network.Received.Clear();
            using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));

            Assert.Equal(status, (int)response.StatusCode);
            Assert.InRange(mesh.Network.Received.Count, 1, 4);
        }
    }

    [Theory]
    [InlineData(304)]
    [InlineData(305)]
    public async Task Send_other_3xx_are_answers(int status)
    {
        using var mesh = Fleet.Of(2);
        mesh.All(Answers.Redirect((HttpStatusCode)status, "/there"));
        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Single(mesh.Network.Received);
    }

    [Theory]
    // Inside.
    [InlineData("http://catalog/a/b", "/x", "http://catalog/x")]
    [InlineData("http://catalog/a/b", "x", "http://catalog/a/x")]
    [InlineData("http://catalog/a/b", "?y", "http://catalog/a/b?y")]
    [InlineData("http://catalog/a/b", "http://catalog/x", "http://catalog/x")]
    [InlineData("http://catalog/a/b", "http://CATALOG/x%2Fy?z=%20", "http://catalog/x%2Fy?z=%20")]
    [InlineData("http://catalog/a/b", "http://10.0.0.1/x", "http://catalog/x")]
    [InlineData("http://catalog/a/b", "http://10.0.0.2/x", "http://catalog/x")]
    [InlineData("http://catalog/a/b", "//catalog/x", "http://catalog/x")]
    [InlineData("mesh://catalog/a/b", "/x", "http://catalog/x")]
    [InlineData("http://catalog/a/b", "http://catalog//other.example/x", "http://catalog//other.example/x")]
    [InlineData("http://catalog/a/b", "http://10.0.0.1//other.example/x", "http://catalog//other.example/x")]
    // Outside: the caller decides.
    [InlineData("http://catalog/a/b", "http://other/x", null)]
    [InlineData("http://catalog/a/b", "//other/x", null)]
    [InlineData("http://catalog/a/b", "http://10.0.0.1:81/x", null)]
    [InlineData("http://catalog/a/b", "http://10.0.0.3/x", null)]
    [InlineData("http://catalog/a/b", "ftp://catalog/x", null)]
    [InlineData("http://catalog/a/b", "file:///etc/passwd", null)]
    // The endpoints do not speak TLS: following would come back here for ever.
    [InlineData("http://catalog/a/b", "https://catalog/x", null)]
    [InlineData("mesh://catalog/a/b", "https://catalog/x", null)]
    public async Task Send_redirect_is_followed_only_inside_the_service(string url, string location, string? expected)
    {
        using var mesh = Fleet.Of(2);
        mesh.All((request, token) => (request.RequestUri!.AbsolutePath == "/a/b" && request.RequestUri.Query.Length == 0
            ? Answers.Redirect(HttpStatusCode.Found, location)
            : Answers.Status(HttpStatusCode.OK))(request, token));

        using var response = await mesh.Client.GetAsync(url, Token);

        Assert.Equal(expected is null ? HttpStatusCode.Found : HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected is null ? 1 : 2, mesh.Network.Received.Count);
        Assert.Equal(expected ?? "http://catalog/a/b", mesh.Network.Received.Last().Uri.AbsoluteUri);
    }

    [Theory]
    [InlineData("https://catalog/a", "/x", "https://catalog/x")]
    [InlineData("https://catalog/a", "https://catalog/x", "https://catalog/x")]
    [InlineData("https://catalog/a", "http://catalog/x", null)]
    [InlineData("https://catalog/a", "http://10.0.0.9/x", null)]
    [InlineData("http://catalog/a", "https://catalog/x", "https://catalog/x")]
    [InlineData("mesh://catalog/a", "https://catalog/x", "https://catalog/x")]
    public async Task Send_redirect_never_leaves_tls(string url, string location, string? expected)
    {
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] =
                new ServiceOptions { Endpoints = { "https://10.0.0.1" }, HostHeader = HostHeader.Service });
        mesh.Network.On("10.0.0.1:443", (request, token) =>
            (request.RequestUri!.AbsolutePath == "/a" ? Answers.Redirect(HttpStatusCode.Found, location)
                : Answers.Status(HttpStatusCode.OK))(request, token));

        using var response = await mesh.Client.GetAsync(url, Token);

        Assert.Equal(expected is null ? HttpStatusCode.Found : HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected ?? "https://catalog/a", mesh.Network.Received.Last().Uri.AbsoluteUri);
    }

    [Fact]
    public async Task Send_redirect_to_https_moves_to_the_endpoints_that_speak_it()
    {
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] =
                new ServiceOptions { Endpoints = { "http://10.0.0.1", "https://10.0.0.1" }, HostHeader = HostHeader.Service });
        mesh.Network.On("10.0.0.1:80", Answers.Redirect(HttpStatusCode.TemporaryRedirect, "https://catalog/a"));

        for (var i = 0; i < 4; i++)
        {
            using var response = await mesh.Client.GetAsync("http://catalog/a", Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("10.0.0.1:443", mesh.Network.Received.Last().Endpoint);
        }
    }

    [Theory]
    [InlineData("/base/x", "http://catalog/base/x")]
    [InlineData("http://catalog/base/x?y", "http://catalog/base/x?y")]
    [InlineData("http://10.0.0.1/base/x", "http://catalog/base/x")]
    [InlineData("x", "http://catalog/base/a/x")]
    [InlineData("/base", "http://catalog/base/")]
    [InlineData("/login", null)]
    [InlineData("/basement", null)]
    [InlineData("http://10.0.0.1/login", null)]
    // Up again, in a spelling that a URI keeps.
    [InlineData("/base/..%2Ffile", null)]
    [InlineData("/base/a/%2E%2E/..%5Cfile/..%2F..%2Ffile", null)]
    [InlineData("http://10.0.0.1/base/..%2Ffile", null)]
    [InlineData("/base/a%2F..%2Ffile", "http://catalog/base/a%2F..%2Ffile")]
    public async Task Send_redirect_keeps_the_base_path_once(string location, string? expected)
    {
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] = new ServiceOptions { Endpoints = { "http://10.0.0.1/base" } });
        mesh.Network.On(Fleet.At(1), (request, token) =>
            (request.RequestUri!.AbsolutePath == "/base/a/b" ? Answers.Redirect(HttpStatusCode.Found, location)
                : Answers.Status(HttpStatusCode.OK))(request, token));

        using var response = await mesh.Client.GetAsync("http://catalog/a/b", Token);

        Assert.Equal(expected is null ? HttpStatusCode.Found : HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected ?? "http://catalog/base/a/b", mesh.Network.Received.Last().Uri.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://10.0.0.2/base", HttpStatusCode.Found)]
    [InlineData("http://10.0.0.2", HttpStatusCode.OK)]
    public async Task Send_redirect_that_climbs_is_returned_where_any_endpoint_has_a_base_path(string other, HttpStatusCode expected)
    {
        using var mesh =
            new MeshFixture(options => options.Services[Fleet.Name] = new ServiceOptions { Endpoints = { "http://10.0.0.1", other } });
        mesh.All((request, token) =>
            (request.RequestUri!.AbsolutePath.EndsWith("/start", StringComparison.Ordinal)
                ? Answers.Redirect(HttpStatusCode.Found, "http://10.0.0.1/..%2Ffile") : Answers.Status(HttpStatusCode.OK))(request, token));

        for (var i = 0; i < 4; i++)
        {
            using var response = await mesh.Client.GetAsync("http://catalog/start", Token);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task Send_redirects_end_after_fifty()
    {
        using var mesh = Fleet.Of(2);
        mesh.All(Answers.Redirect(HttpStatusCode.Found, "/again"));
        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(51, mesh.Network.Received.Count);
    }

    [Fact]
    public async Task Send_redirects_share_one_deadline()
    {
        using var mesh = Fleet.Of(2, s => s.Timeout = TimeSpan.FromSeconds(2));
        mesh.All((request, token) =>
        {
            mesh.Time.Advance(TimeSpan.FromSeconds(0.5));
            return Answers.Redirect(HttpStatusCode.Found, "/again")(request, token);
        });

        await Assert.ThrowsAsync<TaskCanceledException>(() => mesh.Client.GetAsync(Fleet.Url, Token));
        Assert.Equal(4, mesh.Network.Received.Count);
    }

    [Fact]
    public async Task Send_redirect_of_a_body_that_cannot_be_sent_again_is_returned()
    {
        using var mesh = Fleet.Of(2);
        mesh.All(Answers.Redirect(HttpStatusCode.TemporaryRedirect, "/there"));
        using var response = await mesh.Client.PostAsync(Fleet.Url, new StreamContent(new ForwardOnlyStream([1])), Token);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_redirect_drops_the_credential_and_the_redirecting_response()
    {
        using var mesh = Fleet.Of(1);
        var content = new TrackedContent("moved");
        var seen = new List<AuthenticationHeaderValue?>();
        mesh.All((request, token) =>
        {
            seen.Add(request.Headers.Authorization);
            var response = new HttpResponseMessage(seen.Count == 1 ? HttpStatusCode.Found : HttpStatusCode.OK);
            if (seen.Count == 1)
            {
                response.Content = content;
                response.Headers.Location = new Uri("/there", UriKind.Relative);
            }

            return Task.FromResult(response);
        });

        using var response = await mesh.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, Fleet.Url) { Headers = { Authorization = new("Bearer", "t") } }, Token);

        Assert.NotNull(seen[0]);
        Assert.Null(seen[1]);
        Assert.True(content.Disposed);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_redirect_through_the_users_own_primary_handler_is_the_users()
    {
        using var primary = new RecordingHandler(Answers.Redirect(HttpStatusCode.Found, "/there"));
        using var mesh = Fleet.Of(1, primary: primary);
        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
    }

    [Fact]
    public async Task Send_redirect_without_location_is_an_answer()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Status(HttpStatusCode.Found));
        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
    }
}
