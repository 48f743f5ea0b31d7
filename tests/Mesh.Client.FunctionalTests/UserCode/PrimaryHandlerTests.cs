using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.UserCode;

/// <summary>A primary handler that the user brought goes on doing what it is there for, and the mesh still balances and repeats.</summary>
public sealed class PrimaryHandlerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["client", "sockets"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Cookies_of_the_users_jar_are_kept_and_sent(string kind)
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            var seen = context.Request.Cookies["session"];
            context.Response.Cookies.Append("session", "s1");
            return context.Response.WriteAsync(seen ?? "none");
        });
        using var dead = new DeadEndpoint();
        var jar = new CookieContainer();
        await using var application = new MeshApplication(
            Settings.Service("shop", dead.Url, server.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => kind == "client"
                ? new HttpClientHandler { CookieContainer = jar }
                : new SocketsHttpHandler { CookieContainer = jar }));
        var client = application.Client("user");

        Assert.Equal("none", await client.GetStringAsync(new Uri("http://shop/login"), Token));
        Assert.Equal("s1", await client.GetStringAsync(new Uri("http://shop/cart"), Token));
        Assert.Equal(1, jar.Count);
    }

    /// <summary>A content that the mesh sends once is the transport's to send again, as without the mesh.</summary>
    [Theory]
    [InlineData("challenge", "sequence")]
    [InlineData("challenge", "derived")]
    [InlineData("redirect", "sequence")]
    [InlineData("redirect", "derived")]
    [InlineData("hash", "sequence")]
    [InlineData("hash", "derived")]
    public async Task Users_handler_may_send_the_body_twice(string why, string body)
    {
        var expected = body == "derived" ? "derived" : "[0,2,4]";
        await using var server = await TestServer.StartAsync(async context =>
        {
            var seen = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
            if (why == "challenge" && context.Request.Headers.Authorization.Count == 0)
            {
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"shop\"";
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
            else if (why == "redirect" && context.Request.Path == "/orders")
            {
                context.Response.Headers.Location = "/moved";
                context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            }
            else
            {
                await context.Response.WriteAsync(seen, context.RequestAborted);
            }
        });
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() =>
            {
                var handler = new SocketsHttpHandler
                {
                    UseProxy = false,
                    Credentials = new NetworkCredential("user", "password"),
                };
                return why == "hash" ? new HashingHandler { InnerHandler = handler } : handler;
            }));
        using var client = application.Client("user");

        for (var i = 0; i < 10; i++)
        {
            using HttpContent content = body == "derived"
                ? new DerivedContent("derived"u8.ToArray())
                : System.Net.Http.Json.JsonContent.Create(Enumerable.Range(0, 3).Select(static number => number * 2));
            using var response = await client.PostAsync(new Uri("http://shop/orders"), content, Token);
            Assert.Equal(expected, await response.Content.ReadAsStringAsync(Token));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_holds_over_all_endpoints_and_no_other_service_at_the_host_sees_it(string kind)
    {
        static Task Answer(HttpContext context)
        {
            if (context.Request.Path == "/login")
            {
                context.Response.Cookies.Append("session", "s1");
                context.Response.Redirect("/home");
                return Task.CompletedTask;
            }

            return context.Response.WriteAsync(context.Request.Cookies["session"] ?? "none");
        }

        await using var first = await TestServer.StartAsync(Answer);
        await using var second = await TestServer.StartAsync(Answer);
        await using var stranger = await TestServer.StartAsync(Answer);
        var jar = new CookieContainer();
        await using var application = new MeshApplication(
            Settings.Service("shop", first.Url, second.Url)
                .With("Services:shop:LoadBalancing:Policy", "RoundRobin")
                .With("Services:other:Endpoints:0", stranger.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => kind == "client"
                ? new HttpClientHandler { CookieContainer = jar }
                : new SocketsHttpHandler { CookieContainer = jar }));
        var client = application.Client("user");

        Assert.Equal("s1", await client.GetStringAsync(new Uri("http://shop/login"), Token));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("s1", await client.GetStringAsync(new Uri("http://shop/cart"), Token));
        }

        Assert.True(first.Requests > 0 && second.Requests > 0);
        Assert.Equal("none", await client.GetStringAsync(new Uri("http://other/"), Token));
        Assert.Equal("s1", Assert.Single(jar.GetAllCookies()).Value);
    }

    [Fact]
    public async Task Proxy_of_the_user_gets_the_requests_addressed_to_the_endpoint()
    {
        // A proxy must take the target from the request line; Kestrel refuses a Host that says
        // something else, as RFC 9112 (3.2.2) asks for.
        await using var proxy = await TestServer.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Method} {context.Request.GetEncodedUrl()}"));
        await using var application = new MeshApplication(
            Settings.Service("shop", "http://10.255.255.1:8080"),
            services => services.AddHttpClient("user")
                .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { Proxy = new WebProxy(proxy.Url) }));

        var seen = await application.Client("user").GetStringAsync(new Uri("http://shop/cart?item=1"), Token);

        Assert.Equal("GET http://10.255.255.1:8080/cart?item=1", seen);
    }

    [Fact]
    public async Task Proxy_that_reports_a_dead_endpoint_sees_the_retry_to_the_other()
    {
        await using var proxy = await TestServer.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Host.Port == 8081 ? 502 : 200;
            return context.Response.WriteAsync(context.Request.Host.Value!);
        });
        await using var application = new MeshApplication(
            Settings.Service("shop", "http://10.255.255.1:8081", "http://10.255.255.1:8082"),
            services => services.AddHttpClient("user")
                .ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { Proxy = new WebProxy(proxy.Url) }));
        var client = application.Client("user");

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("10.255.255.1:8082", await client.GetStringAsync(new Uri("http://shop/"), Token));
        }

        Assert.True(proxy.Requests > 10, "The dead endpoint was never tried, so nothing was repeated.");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Client_certificate_of_the_user_reaches_the_service(string kind)
    {
        using var mine = Certificates.ForClient("orders");
        await using var server = await TestServer.StartAsync(
            context => context.Response.WriteAsync($"{context.Connection.ClientCertificate?.Subject} {context.Request.Scheme}"),
            listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = Certificates.ForServer("127.0.0.1");
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (certificate, _, _) => certificate.Thumbprint == mine.Thumbprint;
            }));
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(
            Settings.Service("vault", dead.SecureUrl, server.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => Handler(kind, mine)));
        var client = application.Client("user");

        for (var i = 0; i < 5; i++)
        {
            // Also: the endpoint speaks TLS, so the mesh raises the scheme.
            Assert.Equal("CN=orders https", await client.GetStringAsync(new Uri("http://vault/secret"), Token));
        }
    }

    [Fact]
    public async Task Redirect_to_another_host_by_the_users_handler_says_that_hosts_name()
    {
        // As with plain HttpClient: the user's handler follows redirects itself, and the other
        // host must not be called by the service's name.
        await using var other = await TestServer.StartAsync(context => context.Response.WriteAsync(context.Request.Host.Value!));
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.Redirect(other.Url + "/elsewhere");
            return Task.CompletedTask;
        });
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services => services.AddHttpClient("user")
                .ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { AutomaticDecompression = DecompressionMethods.All }));

        Assert.Equal(other.Name, await application.Client("user").GetStringAsync(new Uri("http://shop/"), Token));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Post_whose_redirect_leads_to_nobody_is_sent_once_and_blames_no_endpoint(string kind)
    {
        using var nobody = new DeadEndpoint();
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.Redirect(nobody.Url + "/gone");
            return Task.CompletedTask;
        });
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => kind == "client"
                ? new HttpClientHandler { AutomaticDecompression = DecompressionMethods.All }
                : new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All }));

        for (var i = 1; i <= 6; i++)
        {
            // As often as would eject an endpoint.
            using var content = new StringContent("order");
            var exception = await Assert.ThrowsAsync<HttpRequestException>(
                () => application.Client("user").PostAsync(new Uri("http://shop/orders"), content, Token));
            Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
            Assert.Equal(i, server.Requests);
        }

        Assert.All(application.State("shop").Endpoints.Current.All, endpoint => Assert.False(endpoint.Health.IsEjected));
    }

    /// <summary>The endpoint has answered, with a redirect. What is there is somebody else's.</summary>
    [Theory]
    [InlineData("client", 503, "local_error")]
    [InlineData("sockets", 503, "local_error")]
    [InlineData("own", 503, "local_error")]
    [InlineData("own", 500, "local_error")]
    [InlineData("sockets", 429, "local_error")]
    [InlineData("own", 404, "ok")]
    [InlineData("sockets", 404, "ok")]
    [InlineData("sockets", 200, "ok")]
    [InlineData("sockets", 0, "local_error")]
    [InlineData("sockets", -1, "local_error")]
    [InlineData("sockets", -2, "local_error")]
    [InlineData("sockets", -3, null)]
    public async Task Answer_of_another_host_that_the_users_handler_was_redirected_to_blames_no_endpoint(
        string kind, int status, string? outcome)
    {
        await using var other = await TestServer.StartAsync(async context =>
        {
            switch (status)
            {
                case -1:
                    context.Abort();
                    return;
                case -2:
                    // It breaks within the attempt.
                    context.Response.ContentLength = 100;
                    await context.Response.WriteAsync("part", Token);
                    context.Abort();
                    return;
                case -3:
                    // It breaks behind the attempt, or takes its head along.
                    await context.Response.WriteAsync("part", Token);
                    await context.Response.Body.FlushAsync(Token);
                    context.Abort();
                    return;
                default:
                    context.Response.StatusCode = status;
                    return;
            }
        });
        using var dead = new DeadEndpoint();
        var target = status == 0 ? dead.Url : other.Url;
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.Redirect(target + "/elsewhere");
            return Task.CompletedTask;
        });
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => kind switch
            {
                "own" => new Following { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false } },
                "client" => new HttpClientHandler { AutomaticDecompression = DecompressionMethods.All },
                _ => new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All },
            }));
        using var attempts =
            new MetricCollector<long>(application.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.attempts");

        for (var i = 1; i <= 25; i++)
        {
            try
            {
                using var response = await application.Client("user").GetAsync(new Uri("http://shop/"), Token);
                Assert.Equal(status, (int)response.StatusCode);
            }
            catch (HttpRequestException) when (status <= 0)
            {
                // As without the mesh.
            }

            Assert.Equal(i, server.Requests);
        }

        var service = application.State("shop");
        Assert.All(attempts.GetMeasurementSnapshot(), measured =>
            Assert.Equal(outcome ?? measured.Tags["mesh.outcome"], measured.Tags["mesh.outcome"]));
        Assert.False(service.Endpoints.Current.All[0].Health.HasFailures);
        Assert.True(service.Subsets[0].Breaker.IsClosed);
        Assert.Equal(0, service.Subsets[0].Budget.FailureShare);
        Assert.Equal(0, service.Endpoints.Current.All[0].Load.InFlight);
    }

    /// <summary>What the endpoint itself answers, or the one it sends on to itself, is its own.</summary>
    [Theory]
    [InlineData("own")]
    [InlineData("sockets")]
    public async Task Answer_of_the_endpoint_behind_a_redirect_to_itself_counts(string kind)
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            if (context.Request.Path == "/elsewhere")
            {
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            }
            else
            {
                context.Response.Redirect($"http://127.0.0.1:{context.Connection.LocalPort}/elsewhere");
            }

            return Task.CompletedTask;
        });
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => kind == "own"
                ? new Following { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false } }
                : new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All }));

        using var response = await application.Client("user").PostAsync(new Uri("http://shop/"), null, Token);

        Assert.True(application.State("shop").Endpoints.Current.All[0].Health.HasFailures);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Retry_after_a_redirect_that_the_users_handler_followed_sends_the_same_request_again(string kind)
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            seen.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Request.Headers.Authorization} "
                + $"{await reader.ReadToEndAsync(Token)}");
            if (context.Request.Path == "/orders/7")
            {
                context.Response.Headers.Location = "/state";
                context.Response.StatusCode = StatusCodes.Status303SeeOther;
            }
            else if (seen.Count < 3)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
        });
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => kind == "client"
                ? new HttpClientHandler { AutomaticDecompression = DecompressionMethods.All }
                : new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All }));
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://shop/orders/7") { Content = new StringContent("order") };
        request.Headers.Authorization = new("Basic", "dTpw");

        using var response = await application.Client("user").SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["PUT /orders/7 Basic dTpw order", "GET /state  ", "PUT /orders/7 Basic dTpw order", "GET /state  "], seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Handler_of_an_unknown_type_gets_what_is_meant_for_the_service_only_if_the_user_trusts_it(bool trusted)
    {
        List<string> seen = [];
        await using var application = new MeshApplication(
            Settings.Service("shop", "http://10.255.255.1:8080")
                .With("Services:shop:Credentials:Mode", "Propagate")
                .With("Services:shop:Credentials:MissingUser", "Anonymous"),
            services =>
            {
                var client = services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => new Double(seen));
                if (trusted)
                {
                    client.TrustPrimaryHandler();
                }
            });
        using var activity = new Activity("test").AddBaggage("tenant", "acme").Start();
        using var context = MeshContext.Begin(new MeshContextValues { Labels = new Dictionary<string, string> { ["tenant"] = "acme" } });

        using var response = await application.Client("user").GetAsync(new Uri("http://shop/"), Token);

        Assert.Equal(
            trusted ? ["Host: shop", "mesh-caller", "mesh-criticality", "mesh-deadline", "mesh-label-tenant"] : [],
            seen.Where(name => name.StartsWith("mesh-", StringComparison.Ordinal) || name.StartsWith("Host", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Handler_that_clients_share_makes_them_equal_also_while_it_is_in_use(string kind)
    {
        List<string> hosts = [];
        await using var server = await TestServer.StartAsync(context =>
        {
            lock (hosts)
            {
                hosts.Add($"{context.Request.Host} {context.Request.Headers.ContainsKey("mesh-deadline")}");
            }

            context.Response.Cookies.Append("session", "s1");
            return Task.CompletedTask;
        });
        using HttpMessageHandler shared = kind == "client" ? new HttpClientHandler() : new SocketsHttpHandler();
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services =>
            {
                foreach (var name in new[] { "first", "second", "third" })
                {
                    services.AddHttpClient(name).ConfigurePrimaryHttpMessageHandler(() => shared);
                }
            });

        foreach (var name in new[] { "first", "second", "third" })
        {
            using var answer = await application.Client(name).GetAsync(new Uri("http://shop/"), Token);

            // To others it goes as it is, and is then in use, with cookies in it.
            using var other = await application.Client(name).GetAsync(new Uri(server.Url), Token);
        }

        Assert.Equal([.. Enumerable.Repeat(new[] { "shop True", server.Name + " False" }, 3).SelectMany(pair => pair)], hosts);
    }

    [Fact]
    public async Task Handler_that_a_client_outside_of_the_mesh_has_used_stays_the_users()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync(context.Request.Host.Value!));
        await using var metrics = new ServiceCollection().AddMetrics().BuildServiceProvider();

        // Without a factory of meters the client factory would set one, which fails on a handler in use.
        using var shared = new SocketsHttpHandler { MeterFactory = metrics.GetRequiredService<IMeterFactory>() };
        using var plain = new HttpClient(shared, disposeHandler: false);
        await plain.GetStringAsync(new Uri(server.Url), Token);
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => shared));

        Assert.Equal(server.Name, await application.Client("user").GetStringAsync(new Uri("http://shop/"), Token));
    }

    [Fact]
    public async Task Service_name_is_what_the_endpoint_reads_in_Host()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync(context.Request.Host.Value!));
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.All,
            }));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop/");

        using var response = await application.Client("user").SendAsync(request, Token);

        Assert.Equal("shop", await response.Content.ReadAsStringAsync(Token));
        Assert.Null(request.Headers.Host);
        Assert.Equal("http://shop/", request.RequestUri!.OriginalString);
    }

    private static HttpMessageHandler Handler(string kind, X509Certificate2 certificate)
    {
        if (kind == "client")
        {
            return new HttpClientHandler
            {
                ClientCertificates = { certificate },
                ServerCertificateCustomValidationCallback = (_, presented, _, _) => presented is not null,
            };
        }

        return new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [certificate],
                CertificateChainPolicy = Certificates.TrustRoot(),
            },
        };
    }

    /// <summary>A test double: it answers by itself, and keeps the names of the headers, and the host.</summary>
    private sealed class Double(List<string> seen) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen.AddRange(request.Headers.Select(header => header.Key == "Host" ? "Host: " + request.Headers.Host : header.Key));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }

    /// <summary>Follows redirects with requests of its own.</summary>
    private sealed class Following : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.Location is not { } location)
            {
                return response;
            }

            response.Dispose();
            var next = new HttpRequestMessage(HttpMethod.Get, location);
            response = await base.SendAsync(next, cancellationToken);
            response.RequestMessage = next;
            return response;
        }
    }

    private sealed class DerivedContent(byte[] bytes) : ByteArrayContent(bytes);

    private sealed class HashingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await using var body = await request.Content!.ReadAsStreamAsync(cancellationToken);
            request.Headers.Add("digest", Convert.ToHexString(await SHA256.HashDataAsync(body, cancellationToken)));
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
