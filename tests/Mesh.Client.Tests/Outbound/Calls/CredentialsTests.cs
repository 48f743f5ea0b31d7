using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Options;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Eureka;
using Mesh.Client.Tests.Security.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Step 10: which token is sent, and that a refusal is nobody's failure.</summary>
public sealed class CredentialsTests : IDisposable
{
    private static readonly Uri Payments = new("https://payments/");
    private readonly GivenToken _source = new();
    private readonly List<string> _sent = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool, bool, bool> Transports
    {
        get
        {
            var rows = new TheoryData<string, bool, bool, bool>();
            foreach (var address in new[] { "https://10.0.0.1", "http://10.0.0.1", "http://127.0.0.1", "https://127.0.0.1" })
            {
                foreach (var development in new[] { false, true })
                {
                    foreach (var allowed in new[] { false, true })
                    {
                        rows.Add(
                            address,
                            development,
                            allowed,
                            address.StartsWith("https", StringComparison.Ordinal) || allowed
                                || (development && address.Contains("127", StringComparison.Ordinal)));
                    }
                }
            }

            return rows;
        }
    }

    [Theory]
    [InlineData(-6, true)]
    [InlineData(-5, true)]
    [InlineData(-4, false)]
    [InlineData(0, false)]
    [InlineData(31, false)]
    public async Task Near_expiry_token_is_not_sent(int secondsFromExpiry, bool sent)
    {
        using var mesh = Start();
        _source.Token = BearerToken.FromJwt(Jwt.Create(mesh.Time.GetUtcNow().AddSeconds(100), "payments"));
        mesh.Time.Advance(TimeSpan.FromSeconds(100 + secondsFromExpiry));

        Assert.Equal(sent ? null : TokenFailure.Expired, await ReasonAsync(mesh));
        Assert.Equal(sent ? 1 : 0, _sent.Count);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Token_is_sent_over_TLS_or_where_it_was_allowed_only(string address, bool development, bool allowed, bool sent)
    {
        using var mesh = Start(address, credentials => credentials.AllowInsecureTransport = allowed, development);
        _source.Token = Valid(mesh);
        var scheme = address.StartsWith("https", StringComparison.Ordinal) ? "https" : "http";

        Assert.Equal(sent ? null : TokenFailure.InsecureTransport, await ReasonAsync(mesh, new Uri(scheme + "://payments/")));
        Assert.Equal(sent ? 1 : 0, _sent.Count);
    }

    [Fact]
    public async Task Insecure_endpoint_is_told_to_have_an_address_with_TLS()
    {
        using var mesh = Start("http://10.0.0.1");
        _source.Token = Valid(mesh);

        var refused = await Assert.ThrowsAsync<TokenException>(() => mesh.Client.GetAsync(new Uri("http://payments/"), Token));

        Assert.Contains("the endpoint 10.0.0.1:80 does not speak TLS. Give it an https address.", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("RequireTls", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The instance speaks TLS; only the call does not go there.</summary>
    [Fact]
    public async Task Plain_port_beside_one_for_TLS_is_told_what_leads_to_the_other_one()
    {
        using var mesh = await StartWithTwoPortsAsync();

        var refused = await Assert.ThrowsAsync<TokenException>(() => mesh.Client.GetAsync(new Uri("http://payments/"), Token));

        Assert.Equal(TokenFailure.InsecureTransport, refused.Reason);
        Assert.Equal(
            "The call to service 'payments' was not sent. It should carry the user's token (Mesh:Services:payments:Credentials:Mode: "
            + "Propagate), but it would go to the plain port of the endpoint 10.0.0.9:8080, which has one for TLS, too (8443). Call "
            + "https://payments, or set Mesh:Services:payments:RequireTls, or Mesh:Discovery:Eureka:PreferSecurePort for all services. "
            + "In Development, loopback addresses are allowed; Mesh:Services:payments:Credentials:AllowInsecureTransport allows all, "
            + "and the tokens can then be read on the network.",
            refused.Message);
    }

    /// <summary>What the message names.</summary>
    [Theory]
    [InlineData("https://payments/", false, false)]
    [InlineData("http://payments/", true, false)]
    [InlineData("http://payments/", false, true)]
    public async Task Token_goes_to_the_port_for_TLS_with_each_remedy(string url, bool requireTls, bool preferSecurePort)
    {
        using var mesh = await StartWithTwoPortsAsync(requireTls, preferSecurePort);

        using var response = await mesh.Client.GetAsync(new Uri(url), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("10.0.0.9:8443", 1), (Assert.Single(mesh.Network.Received).Endpoint, _sent.Count));
    }

    /// <summary>Addresses of Aspire's host are settings, which no registry's setting changes.</summary>
    [Fact]
    public async Task Plain_port_of_a_configured_endpoint_is_not_told_of_the_registry()
    {
        using var mesh = Start("http://10.0.0.9:8080", securePort: 8443);
        _source.Token = Valid(mesh);

        var refused = await Assert.ThrowsAsync<TokenException>(() => mesh.Client.GetAsync(new Uri("http://payments/"), Token));

        Assert.Contains("RequireTls. In Development", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PreferSecurePort", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("opaque", TokenFailure.NotReadable)]
    [InlineData("a.b.c", TokenFailure.NotReadable)]
    [InlineData("", TokenFailure.NotReadable)]
    [InlineData("a b", TokenFailure.NotReadable)]
    [InlineData("{\"aud\":\"payments\"}", TokenFailure.NotReadable)]
    [InlineData("{\"exp\":\"soon\",\"aud\":\"payments\"}", TokenFailure.NotReadable)]
    [InlineData("{\"exp\":99999999999}", TokenFailure.WrongAudience)]
    [InlineData("{\"exp\":99999999999,\"aud\":[]}", TokenFailure.WrongAudience)]
    [InlineData("{\"exp\":99999999999,\"aud\":\"PAYMENTS\"}", TokenFailure.WrongAudience)]
    [InlineData("{\"exp\":99999999999,\"aud\":\"payments/\"}", TokenFailure.WrongAudience)]
    [InlineData("{\"exp\":99999999999,\"aud\":\"orders payments\"}", TokenFailure.WrongAudience)]
    [InlineData("{\"exp\":1,\"aud\":\"payments\"}", TokenFailure.Expired)]
    public async Task Token_that_does_not_show_audience_and_expiry_is_refused(string token, TokenFailure reason)
    {
        using var mesh = Start();
        _source.Token = BearerToken.FromJwt(token.StartsWith('{') ? Jwt.Create(token) : token);

        Assert.Equal(reason, await ReasonAsync(mesh));
        Assert.Empty(_sent);
    }

    [Fact]
    public async Task Encrypted_token_is_refused()
    {
        using var mesh = Start();
        var parts = Jwt.Create(mesh.Time.GetUtcNow().AddHours(1), "payments").Split('.');
        _source.Token = BearerToken.FromJwt(
            Jwt.Create("{}", """{"alg":"RSA-OAEP","enc":"A256CBC-HS512"}""")
                .Split('.')[0] + $".{parts[1]}.{parts[1]}.{parts[1]}.{parts[1]}");

        Assert.Equal(TokenFailure.NotReadable, await ReasonAsync(mesh));
    }

    [Theory]
    [InlineData(0, 4096, null)]
    [InlineData(12, 4096, null)]
    [InlineData(13, 4096, TokenFailure.TooLarge)]
    public async Task Labels_and_token_together_are_held_to_the_header_budget(int labels, int padding, TokenFailure? expected)
    {
        using var mesh = Start();
        _source.Token = BearerToken.FromJwt(
            Jwt.Create($$"""{"exp":99999999999,"aud":"payments","pad":"{{new string('p', padding * 3 / 4)}}"}"""));
        var values = Enumerable.Range(0, labels).ToDictionary(
            i => "k" + i.ToString(CultureInfo.InvariantCulture), _ => new string('v', 920));

        using (MeshContext.Begin(new MeshContextValues { Labels = values }))
        {
            Assert.Equal(expected, await ReasonAsync(mesh));
        }
    }

    [Fact]
    public async Task Refusal_is_local_and_counts_against_nobody()
    {
        using var mesh = Start();
        using var failures = new MetricCollector<long>(
            mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.security.token_failures");
        using var calls = new MetricCollector<double>(
            mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.client.call.duration");
        using var attempts = new MetricCollector<long>(
            mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.client.attempts");
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(TokenFailure.NoUser, await ReasonAsync(mesh));
        }

        var service = mesh.Service("payments");
        Assert.True(service.Breaker.IsClosed);
        Assert.Equal(0, service.Budget.FailureShare);
        Assert.Empty(service.Endpoints.Current.Ejected);
        Assert.Equal(0, service.Endpoints.Current.All[0].Load.InFlight);
        Assert.Empty(mesh.Network.Received);
        Assert.Equal(100, failures.GetMeasurementSnapshot().Count);
        Assert.All(
            failures.GetMeasurementSnapshot(),
            failure => Assert.Equal(("payments", "no_user"), (failure.Tags[MeshTags.Service], failure.Tags[MeshTags.TokenReason])));
        Assert.All(calls.GetMeasurementSnapshot(), call => Assert.Equal("token_failure", call.Tags[MeshTags.Outcome]));
        Assert.Empty(attempts.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task Refusal_while_the_breaker_is_half_open_leaves_the_trial_to_others()
    {
        using var mesh = Start();
        _source.Token = Valid(mesh);
        mesh.Network.On("10.0.0.1:443", HttpStatusCode.InternalServerError);
        var service = mesh.Service("payments");
        for (var i = 0; i < 100 && service.Breaker.IsClosed; i++)
        {
            using var failed = await mesh.Client.GetAsync(Payments, Token);
        }

        Assert.False(service.Breaker.IsClosed);
        mesh.Network.On("10.0.0.1:443", HttpStatusCode.OK);
        mesh.Time.Advance(TimeSpan.FromSeconds(6));
        _source.Token = null;

        Assert.Equal(TokenFailure.NoUser, await ReasonAsync(mesh));
        _source.Token = Valid(mesh);
        Assert.Null(await ReasonAsync(mesh));

        Assert.True(service.Breaker.IsClosed);
    }

    [Fact]
    public async Task Refusal_of_a_trial_leaves_the_ejected_endpoint_to_the_next_call()
    {
        using var mesh = Start("https://10.0.0.1", endpoints: ["https://10.0.0.2"]);
        _source.Token = Valid(mesh);
        mesh.Network.Refuse("10.0.0.1:443");
        var service = mesh.Service("payments");
        for (var i = 0; i < 100 && service.Endpoints.Current.Ejected.Length == 0; i++)
        {
            Assert.Null(await ReasonAsync(mesh));
        }

        Assert.Single(service.Endpoints.Current.Ejected);
        mesh.Network.On("10.0.0.1:443", HttpStatusCode.OK);
        mesh.Time.Advance(TimeSpan.FromSeconds(2));
        _source.Token = null;
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(TokenFailure.NoUser, await ReasonAsync(mesh));
        }

        _source.Token = Valid(mesh);
        for (var i = 0; i < 5; i++)
        {
            mesh.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Null(await ReasonAsync(mesh));
        }

        Assert.Empty(service.Endpoints.Current.Ejected);
    }

    [Fact]
    public async Task Source_that_is_slow_ends_with_the_time_of_the_call_and_blames_nobody()
    {
        using var mesh = Start();
        _source.Pending = new TaskCompletionSource<BearerToken?>();
        var call = ReasonAsync(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(TokenFailure.SourceFailed, await call);
        Assert.Equal(0, mesh.Service("payments").Endpoints.Current.All[0].Load.InFlight);
    }

    [Fact]
    public async Task Source_that_fails_when_nobody_waits_any_more_is_no_unobserved_exception()
    {
        using var mesh = Start();
        List<Exception> unobserved = [];
        EventHandler<UnobservedTaskExceptionEventArgs> watch = (_, late) =>
        {
            lock (unobserved)
            {
                unobserved.AddRange(late.Exception.InnerExceptions.Where(e => e.Message == "late source"));
            }
        };
        TaskScheduler.UnobservedTaskException += watch;
        try
        {
            for (var i = 0; i < 5; i++)
            {
                await GiveUpAsync(mesh);
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= watch;
        }

        Assert.Empty(unobserved);
    }

    [Fact]
    public async Task Caller_that_gives_up_while_the_source_waits_is_canceled()
    {
        using var mesh = Start();
        using var source = new CancellationTokenSource();
        _source.Pending = new TaskCompletionSource<BearerToken?>();
        var call = mesh.Client.GetAsync(Payments, source.Token);
        await source.CancelAsync();

        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Assert.Equal(source.Token, canceled.CancellationToken);
    }

    [Fact]
    public void Synchronous_send_carries_the_token()
    {
        using var mesh = Start();
        _source.Token = Valid(mesh);
        using var request = new HttpRequestMessage(HttpMethod.Get, Payments);

        using var response = mesh.Client.Send(request, Token);

        Assert.Single(_sent);
        Assert.Null(request.Headers.Authorization);
    }

    [Fact]
    public async Task Defaults_apply_to_services_that_say_nothing()
    {
        using var mesh = new MeshFixture(
            options =>
            {
                options.Defaults.Credentials.Mode = CredentialMode.Propagate;
                options.Services["payments"] = new ServiceOptions { Endpoints = ["https://10.0.0.1"] };
                options.Services["catalog"] =
                    new ServiceOptions { Endpoints = ["https://10.0.0.2"], Credentials = { Mode = CredentialMode.None } };
            },
            services => services.AddSingleton<ITokenSource>(_source));

        Assert.Equal(TokenFailure.NoUser, await ReasonAsync(mesh));
        Assert.Null(await ReasonAsync(mesh, new Uri("https://catalog/")));
    }

    [Fact]
    public void Insecure_transport_is_warned_of_once_per_start_and_counted()
    {
        using var mesh = Start("http://10.0.0.1", credentials => credentials.AllowInsecureTransport = true);
        using var gauge = new MetricCollector<int>(
            mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.security.lowered");
        using var harmless = Start("https://10.0.0.1");

        gauge.RecordObservableInstruments();

        Assert.Equal(1, Assert.Single(gauge.GetMeasurementSnapshot()).Value);
        var warning = Assert.Single(mesh.Logs.GetSnapshot(), record => record.Id.Id == 1710);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Warning, warning.Level);
        Assert.Contains("service 'payments'", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(harmless.Logs.GetSnapshot(), record => record.Id.Id == 1710);
    }

    [Fact]
    public void Token_and_user_show_nothing()
    {
        var text = Jwt.Create(DateTimeOffset.UnixEpoch, "payments");
        var token = BearerToken.FromJwt(text);

        Assert.Equal("***", token.ToString());
        Assert.Equal("***", new MeshUser(token).ToString());
        Assert.Equal("{}", System.Text.Json.JsonSerializer.Serialize(token));
        Assert.Throws<ArgumentNullException>(() => BearerToken.FromJwt(null!));
    }

    public void Dispose() => _source.Pending?.TrySetCanceled();

    private static BearerToken Valid(MeshFixture mesh) => BearerToken.FromJwt(Jwt.Create(mesh.Time.GetUtcNow().AddHours(1), "payments"));

    /// <summary>Nothing of it is left afterwards but the source's task.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private async Task GiveUpAsync(MeshFixture mesh)
    {
        var pending = new TaskCompletionSource<BearerToken?>();
        _source.Pending = pending;
        var call = ReasonAsync(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(TokenFailure.SourceFailed, await call);
        _source.Pending = null;
        pending.SetException(new InvalidOperationException("late source"));
    }

    private static async Task<TokenFailure?> ReasonAsync(MeshFixture mesh, Uri? uri = null)
    {
        try
        {
            using var response = await mesh.Client.GetAsync(uri ?? Payments, Token);
            return null;
        }
        catch (TokenException exception)
        {
            Assert.Equal("payments", exception.Service);
            Assert.Contains("'payments' was not sent", exception.Message, StringComparison.Ordinal);
            return exception.Reason;
        }
    }

    /// <summary>A registered instance with a plain port and one for TLS, and a token.</summary>
    private async Task<MeshFixture> StartWithTwoPortsAsync(bool requireTls = false, bool preferSecurePort = false)
    {
        var source = new TestSource();
        var mesh = new MeshFixture(
            options => options.Services["payments"] = new ServiceOptions
            {
                Credentials = { Mode = CredentialMode.Propagate },
                RequireTls = requireTls,
            },
            services => services.AddSingleton<ITokenSource>(_source).AddSingleton<IMeshSource>(source));
        _source.Token = Valid(mesh);
        mesh.Network.On("10.0.0.9:8443", (request, _) =>
        {
            _sent.Add(request.Headers.Authorization!.ToString());
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });
        mesh.Directory.Start();
        var sink = await source.Sink;
        var instance = TestInstance.Of("a", host: "10.0.0.9", port: 8080, securePort: 8443, secureEnabled: true);
        sink.Publish("payments", [EurekaEndpoint.Describe(instance, false, out _, preferSecurePort: preferSecurePort)!]);
        sink.Ready();
        await mesh.Directory.WhenReady;
        return mesh;
    }

    private MeshFixture Start(
        string address = "https://10.0.0.1",
        Action<CredentialsOptions>? configure = null,
        bool development = false,
        string[]? endpoints = null,
        int securePort = 0)
    {
        var mesh = new MeshFixture(
            options =>
            {
                var service =
                    new ServiceOptions { Endpoints = [address, .. endpoints ?? []], Credentials = { Mode = CredentialMode.Propagate } };

                // A retry at the same endpoint would wait, and the clock stands still.
                service.Retry.MaxRetries = endpoints is null ? 0 : 1;
                service.LoadBalancing.Policy = LoadBalancingPolicies.RoundRobin;
                service.Endpoints[0].SecurePort = securePort;
                configure?.Invoke(service.Credentials);
                options.Services["payments"] = service;
            },
            services => services
                .AddSingleton<ITokenSource>(_source)
                .AddSingleton<IHostEnvironment>(
                    new StubEnvironment { EnvironmentName = development ? Environments.Development : Environments.Production }));
        var uri = new Uri(address);
        mesh.Network.On($"{uri.Host}:{uri.Port}", (request, _) =>
        {
            _sent.Add(request.Headers.Authorization!.ToString());
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });
        return mesh;
    }

    private sealed class GivenToken : ITokenSource
    {
        public BearerToken? Token { get; set; }

        public TaskCompletionSource<BearerToken?>? Pending { get; set; }

        public ValueTask<BearerToken?> GetAsync(TokenRequest request, CancellationToken cancellationToken) =>
            Pending is { } pending ? new(pending.Task) : new(Token);
    }
}
