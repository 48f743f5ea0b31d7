using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T1, T4, T12: whose token goes where, on real sockets, with tokens of a real issuer.</summary>
/// <remarks>Of T12 what there is to retry: the mesh has neither hedges nor mirrored traffic
/// yet, and no tokens of its own to renew.</remarks>
public sealed class TokenPropagationTests(Issuer issuer) : IClassFixture<Issuer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_of_the_authenticated_user_reaches_the_service_that_it_is_for()
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(seen.TakeAsync);
        HttpRequestMessage? sent = null;
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url), async (context, client) =>
        {
            sent = new HttpRequestMessage(HttpMethod.Get, "http://payments/");
            using var response = await client.SendAsync(sent, Token);
            await context.Response.WriteAsync(response.StatusCode.ToString());
        });
        var alice = await issuer.TokenAsync("alice");

        Assert.Equal("OK", await front.CallAsync(alice));

        Assert.Equal([alice], seen.Tokens);
        Assert.Null(sent!.Headers.Authorization);
        Assert.Equal(new Uri("http://payments/"), sent.RequestUri);
    }

    [Theory]
    [InlineData("None", null, "orders payments", "200 ", 0)]
    [InlineData("Propagate", null, "orders payments", "200 ", 1)]
    [InlineData("Propagate", null, "orders Payments", "WrongAudience", 0)]
    [InlineData("Propagate", null, "orders payments/", "WrongAudience", 0)]
    [InlineData("Propagate", null, "orders", "WrongAudience", 0)]
    [InlineData("Propagate", "urn:pay", "orders payments", "WrongAudience", 0)]
    [InlineData("Propagate", "urn:pay", "orders urn:pay", "200 ", 1)]
    public async Task Token_goes_only_where_the_policy_and_its_audience_say(
        string mode, string? audience, string audiences, string expected, int tokens)
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(seen.TakeAsync);
        var settings = Front.Settings(payments.Url).With("Services:payments:Credentials:Mode", mode);
        if (audience is not null)
        {
            settings.With("Services:payments:Credentials:Audience", audience);
        }

        await using var front = await Front.StartAsync(issuer, settings, Front.CallPayments);

        Assert.Equal(expected, await front.CallAsync(await issuer.TokenAsync("alice", audiences)));

        Assert.Equal(tokens, seen.Tokens.Count());
        Assert.Equal(expected.StartsWith('2') ? 1 : 0, payments.Requests);
    }

    [Fact]
    public async Task Propagation_never_leaves_mesh()
    {
        var inside = new Recorded();
        var outside = new Recorded();
        await using var payments = await TestServer.StartAsync(inside.TakeAsync);
        await using var other = await TestServer.StartAsync(outside.TakeAsync);
        string[] elsewhere =
        [
            other.Url, $"http://LOCALHOST:{other.Address.Port}/", $"http://payments@127.0.0.1:{other.Address.Port}/",
            $"http://127.0.0.1:{other.Address.Port}/payments", $"http://127.1:{other.Address.Port}/?http://payments/",
        ];
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url), async (context, client) =>
        {
            for (var i = 0; i < 10; i++)
            {
                using var there = await client.GetAsync(new Uri(i % 2 == 0 ? "http://payments/" : "http://PAYMENTS/"), Token);
                using var elsewhereThen = await client.GetAsync(new Uri(elsewhere[i % elsewhere.Length]), Token);
            }
        });
        var alice = await issuer.TokenAsync("alice");

        await Parallel.ForAsync(
            0,
            500,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token },
            async (_, _) => await front.CallAsync(alice));

        Assert.Equal(5_000, payments.Requests);
        Assert.Equal(5_000, other.Requests);
        Assert.Equal(5_000, inside.Tokens.Count(token => token == alice));
        Assert.Empty(outside.Leaks);
    }

    [Theory]
    [InlineData("http://PAYMENTS/", true)]
    [InlineData("http://payments:8080/", true)]
    [InlineData("http://user:secret@payments/", true)]
    [InlineData("mesh://payments/", true)]
    [InlineData("MESH://Payments:99/", true)]
    [InlineData("http://payments/@evil.example/", true)]
    [InlineData("http://payments/?http://evil.example/", true)]
    [InlineData("http://payments#@evil.example/", true)]
    [InlineData("http://payments\\@evil.example/", false)]
    [InlineData("http://payments./", false)]
    [InlineData("http://payments../", false)]
    [InlineData("http://payment/", false)]
    [InlineData("http://paymentss/", false)]
    [InlineData("http://p\u0430yments/", false)]
    [InlineData("http://xn--pyments-2fg/", false)]
    [InlineData("http://pay\u00adments.example/", false)]
    [InlineData("http://paym\u2024ents.example/", false)]
    [InlineData("http://payments.evil.example/", false)]
    [InlineData("http://payments%2eevil.example/", false)]
    [InlineData("http://payments%00.evil.example/", false)]
    [InlineData("http://evil.payments/", false)]
    [InlineData("http://b\u00fccher.example/payments", false)]
    [InlineData("http://payments@evil.example/", false)]
    [InlineData("http://payments:80@evil.example/", false)]
    [InlineData("http://payments%40evil.example/", false)]
    [InlineData("http://evil.example:80/", false)]
    [InlineData("http://evil.example\\@payments/", false)]
    [InlineData("http://evil.example#payments", false)]
    [InlineData("http://EVIL.example./?h=payments", false)]
    [InlineData("http://[::1]/", false)]
    [InlineData("http://[::ffff:127.0.0.1]/payments", false)]
    [InlineData("http://[::1%25payments]/", false)]
    [InlineData("http://2130706433/", false)]
    [InlineData("http://0x7f.1/", false)]
    [InlineData("http://localhost./", false)]
    [InlineData("mesh://payments./", false)]
    [InlineData("mesh://payments.evil.example/", false)]
    [InlineData("mesh://evil@payments.example/", false)]
    public async Task Propagation_goes_by_the_host_as_the_runtime_reads_it(string address, bool inMesh)
    {
        var inside = new Recorded();
        var outside = new Recorded();
        await using var payments = await TestServer.StartAsync(inside.TakeAsync);
        await using var other = await TestServer.StartAsync(outside.TakeAsync);
        await using var front = await Front.StartAsync(
            issuer,
            Front.Settings(payments.Url),
            async (_, client) =>
            {
                if (Uri.TryCreate(address, UriKind.Absolute, out var uri))
                {
                    try
                    {
                        using var response = await client.GetAsync(uri, Token);
                    }
                    catch (HttpRequestException)
                    {
                        // Nobody of this name: as good.
                    }
                }
            },

            // Every name that is not the mesh's leads to the other server.
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                ConnectCallback = async (connection, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    var port = connection.DnsEndPoint.Port == payments.Address.Port ? payments.Address.Port : other.Address.Port;
                    await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }));
        var alice = await issuer.TokenAsync("alice");

        await front.CallAsync(alice);

        Assert.Equal(inMesh ? [alice] : [], inside.Tokens);
        Assert.True(!inMesh || other.Requests == 0);
        Assert.Empty(outside.Leaks);
        Assert.DoesNotContain(outside.Headers.Concat(inside.Headers), header => header.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Own_authorization_of_a_request_is_sent_as_it_is_and_not_replaced_after_a_redirect()
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(async context =>
        {
            await seen.TakeAsync(context);
            if (context.Request.Path == "/")
            {
                context.Response.Redirect("/moved");
            }
        });
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url), async (_, client) =>
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", "b3duOm93bg==");
            using var response = await client.GetAsync(new Uri("http://payments/"), Token);
        });

        await front.CallAsync(await issuer.TokenAsync("alice"));

        Assert.Equal(2, payments.Requests);
        Assert.Equal(["Basic b3duOm93bg=="], seen.Tokens);
    }

    [Fact]
    public async Task Retry_carries_the_token_to_the_next_endpoint_and_401_is_not_repeated()
    {
        var seen = new Recorded();
        await using var failing = await TestServer.StartAsync(async context =>
        {
            await seen.TakeAsync(context);
            context.Response.StatusCode = 503;
        });
        await using var refusing = await TestServer.StartAsync(async context =>
        {
            await seen.TakeAsync(context);
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        });
        await using var front = await Front.StartAsync(
            issuer,
            Front.Settings(failing.Url)
                .With("Services:payments:Endpoints:1", refusing.Url)
                .With("Services:payments:LoadBalancing:Policy", "RoundRobin"),
            Front.CallPayments);
        var alice = await issuer.TokenAsync("alice");

        Assert.Equal("401 ", await front.CallAsync(alice));
        Assert.Equal("401 ", await front.CallAsync(alice));

        Assert.Equal(2, refusing.Requests);
        Assert.InRange(failing.Requests, 1, 2);
        Assert.Equal(refusing.Requests + failing.Requests, seen.Tokens.Count(token => token == alice));
    }

    [Theory]
    [InlineData("request", "Fail", "200 ")]
    [InlineData("request", "Anonymous", "200 ")]
    [InlineData("anonymous request", "Fail", "NoUser")]
    [InlineData("anonymous request", "Anonymous", "200 anonymous")]
    [InlineData("token in the query", "Fail", "NoUser")]
    [InlineData("forged token", "Fail", "NoUser")]
    [InlineData("suppressed flow", "Fail", "NoUser")]
    [InlineData("begin", "Fail", "200 ")]
    [InlineData("run as captured", "Fail", "200 ")]
    [InlineData("run as nobody", "Fail", "NoUser")]
    [InlineData("run as nobody", "Anonymous", "200 anonymous")]
    [InlineData("user replaced", "Fail", "NoUser")]
    public async Task Background_work_has_no_user_unless_it_took_one_along(string state, string onMissingUser, string expected)
    {
        await using var payments = await TestServer.StartAsync(context =>
            context.Response.WriteAsync(context.Request.Headers.Authorization.Count == 0 ? "anonymous" : string.Empty));
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url)
            .With("Services:payments:Credentials:MissingUser", onMissingUser), async (context, client) =>
        {
            switch (state)
            {
                case "begin":
                    using (MeshContext.Begin(new MeshContextValues()))
                    {
                        await Front.CallPayments(context, client);
                    }

                    break;
                case "run as captured":
                    await MeshContext.RunAsync(MeshContext.Capture(), () => Front.CallPayments(context, client));
                    break;
                case "run as nobody":
                    await MeshContext.RunAsync(MeshContext.Capture() with { User = null }, () => Front.CallPayments(context, client));
                    break;
                case "suppressed flow":
                    Task work;
                    using (ExecutionContext.SuppressFlow())
                    {
                        work = Task.Run(() => Front.CallPayments(context, client));
                    }

                    await work;
                    break;
                case "user replaced":
                    context.User = new System.Security.Claims.ClaimsPrincipal();
                    await Front.CallPayments(context, client);
                    break;
                default:
                    await Front.CallPayments(context, client);
                    break;
            }
        });
        var alice = await issuer.TokenAsync("alice");
        var token = state switch
        {
            "anonymous request" or "token in the query" => null,
            "forged token" => alice[..^8] + "AAAAAAAA",
            _ => alice,
        };

        Assert.Equal(expected, await front.CallAsync(token, state == "token in the query" ? "/?access_token=" + alice : "/"));
    }

    [Fact]
    public async Task Captured_user_goes_on_after_the_request_and_shows_nothing()
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(seen.TakeAsync);
        var ended = new TaskCompletionSource();
        Task? work = null;
        MeshContextValues? captured = null;
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url), (_, client) =>
        {
            captured = MeshContext.Capture();
            work = MeshContext.RunAsync(captured, async () =>
            {
                await ended.Task;
                using var response = await client.GetAsync(new Uri("http://payments/"), Token);
            });
            return Task.CompletedTask;
        });
        var alice = await issuer.TokenAsync("alice");

        await front.CallAsync(alice);
        await front.CallAsync(alice, "/next");
        ended.SetResult();
        await work!.Soon();

        Assert.Equal([alice], seen.Tokens.Distinct());
        Assert.Equal("***", captured!.User!.ToString());
        Assert.DoesNotContain("eyJ", captured.ToString(), StringComparison.Ordinal);
        Assert.Equal("{}", System.Text.Json.JsonSerializer.Serialize(captured.User));
    }

    [Fact]
    public async Task Source_of_the_application_is_asked_and_its_token_is_judged_alike()
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(seen.TakeAsync);
        var source = new HeldSource();
        await using var front = await Front.StartAsync(
            issuer, Front.Settings(payments.Url), Front.CallPayments, services => services.AddSingleton<ITokenSource>(source));

        source.Next = Task.FromResult<BearerToken?>(BearerToken.FromJwt(await issuer.TokenAsync("bob")));
        Assert.Equal("200 ", await front.CallAsync(null));
        source.Next = Later(BearerToken.FromJwt(await issuer.TokenAsync("bob", "catalog")));
        Assert.Equal("WrongAudience", await front.CallAsync(null));
        source.Next = Later(null);
        Assert.Equal("NoUser", await front.CallAsync(null));
        source.Next = Task.FromException<BearerToken?>(new InvalidOperationException("no vault"));
        Assert.Equal("SourceFailed", await front.CallAsync(null));

        Assert.Equal([await issuer.TokenAsync("bob")], seen.Tokens);
        Assert.Equal(("payments", "payments"), source.Asked);

        static async Task<BearerToken?> Later(BearerToken? token)
        {
            await Task.Yield();
            return token;
        }
    }

    [Fact]
    public async Task Roaming_primary_handler_gets_no_token()
    {
        var seen = new Recorded();
        await using var payments = await TestServer.StartAsync(seen.TakeAsync);
        var roams = true;
        await using var front = await Front.StartAsync(issuer, Front.Settings(payments.Url), Front.CallPayments, services => services
            .AddHttpClient("user")
            .SetHandlerLifetime(TimeSpan.FromSeconds(1))
            .ConfigurePrimaryHttpMessageHandler(() =>
                new HttpClientHandler
                {
                    AllowAutoRedirect = Volatile.Read(ref roams),
                    UseProxy = false,
                    CheckCertificateRevocationList = true
                }));
        var alice = await issuer.TokenAsync("alice");

        Assert.Equal("RedirectingHandler", await front.CallAsync(alice));
        Assert.Empty(seen.Headers);
        Volatile.Write(ref roams, false);
        await Patience.UntilAsync(async () => await front.CallAsync(alice) == "200 ", "a handler that stays where it is was made");

        Assert.Contains(alice, seen.Tokens);
    }

    private sealed class HeldSource : ITokenSource
    {
        public Task<BearerToken?> Next { get; set; } = null!;

        public (string, string) Asked { get; private set; }

        public ValueTask<BearerToken?> GetAsync(TokenRequest request, CancellationToken cancellationToken)
        {
            Asked = (request.Service, request.Audience);
            return new(Next);
        }
    }
}
