using Mesh.Client.Options;
using Mesh.Client.Outbound.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>What is a service, what passes through, and what waits for a source.</summary>
public sealed class ServiceLookupTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_unknown_mesh_service_names_those_that_are_known()
    {
        using var mesh = Fleet.Of(1);
        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync("mesh://x/", Token));
        Assert.Equal("x", exception.Service);
        Assert.Contains("no service 'x'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Known: catalog", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_unknown_mesh_service_names_configured_ones_without_endpoints_too()
    {
        using var mesh = new MeshFixture(static options =>
        {
            options.Services[Fleet.Name] = Fleet.Options(1);
            options.Services["orders"] = new ServiceOptions();
        });
        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync("mesh://x/", Token));
        Assert.Contains("Known: catalog, orders.", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Without a registry, the configuration is what to look at first.</summary>
    [Fact]
    public async Task Send_service_that_only_the_configuration_names_says_to_list_its_endpoints()
    {
        using var mesh = new MeshFixture(static options => options.Services["orders"] = new ServiceOptions());

        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync("http://orders/", Token));

        Assert.EndsWith(
            "named one so far. List Mesh:Services:orders:Endpoints, or check the registry address under Mesh:Discovery.",
            exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_before_the_first_answer_waits_and_then_goes()
    {
        var source = new TestSource();
        using var mesh = With(source);

        var call = mesh.Client.GetAsync("http://orders/", Token);
        var sink = await source.Sink;
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(call.IsCompleted);
        sink.Publish("Orders", [TestSource.Endpoint("http://10.1.0.1:8080")]);
        sink.Ready();

        using var response = await call;
        Assert.Equal("10.1.0.1:8080", Assert.Single(mesh.Network.Received).Endpoint);
    }

    [Fact]
    public async Task Send_before_the_first_answer_of_a_configured_service_waits_and_then_goes()
    {
        var source = new TestSource();
        using var mesh = With(source, options => options.Services["orders"] = new ServiceOptions());

        var call = mesh.Client.GetAsync("http://orders/", Token);
        var sink = await source.Sink;
        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1:8080")]);
        sink.Ready();

        using var response = await call;
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_no_answer_of_a_source_fails_at_the_deadline()
    {
        var source = new TestSource();
        using var mesh = With(source, options => options.Services["listed"] = new ServiceOptions { Timeout = TimeSpan.FromSeconds(3) });

        var unlisted = mesh.Client.GetAsync("http://orders/", Token);
        var listed = mesh.Client.GetAsync("http://listed/", Token);
        await OnlyLeft(mesh, 1);
        mesh.Time.Advance(TimeSpan.FromSeconds(3));
        await listed.Settle();
        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => listed);
        Assert.Contains("'listed' has no endpoint", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:listed:Endpoints", exception.Message, StringComparison.Ordinal);
        Assert.False(unlisted.IsCompleted);

        mesh.Time.Advance(TimeSpan.FromSeconds(7));
        await unlisted.Settle();
        exception = await Assert.ThrowsAsync<NoEndpointException>(() => unlisted);
        Assert.Contains("'orders'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("waited 10 s", exception.Message, StringComparison.Ordinal);
        Assert.Contains("source 'test' has not answered", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("registry", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Mesh:Discovery", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_no_answer_of_several_sources_names_those_that_are_missing()
    {
        var source = new TestSource();
        var other = new TestSource("other");
        var ready = new TestSource("ready");
        using var mesh = new MeshFixture(
            services: services => services.AddSingleton<IMeshSource>(source)
                .AddSingleton<IMeshSource>(other)
                .AddSingleton<IMeshSource>(ready));
        var call = mesh.Client.GetAsync("http://orders/", Token);
        (await ready.Sink).Ready();
        await OnlyLeft(mesh, 2);

        mesh.Time.Advance(TimeSpan.FromSeconds(10));
        await call.Settle();

        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => call);
        Assert.Contains("sources 'test' and 'other' have not answered", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Its answer comes after the call: to wait for it would be to wait for ever.</summary>
    [Fact]
    public async Task Send_from_a_source_does_not_wait_for_its_own_answer()
    {
        using var primary = new RecordingHandler();
        var source = new CallingSource("http://consul:8500/catalog");
        using var mesh = With(source, primary: primary);
        source.Client = mesh.Client;
        var other = mesh.Client.GetAsync("http://orders/", Token);

        using var response = await source.Call.WaitAsync(Token);

        Assert.Equal("http://consul:8500/catalog", Assert.Single(primary.Received).Uri);
        Assert.False(other.IsCompleted);
        mesh.Time.Advance(TimeSpan.FromSeconds(10));
        await other.Settle();
        await Assert.ThrowsAsync<NoEndpointException>(() => other);
    }

    [Theory]
    [InlineData("mesh://consul/", "There is no service 'consul'")]
    [InlineData("http://listed/", "'listed' has no endpoint")]
    public async Task Send_from_a_source_to_a_service_that_no_source_has_named_yet_fails_at_once(string url, string expected)
    {
        var source = new CallingSource(url);
        using var mesh = With(source, options => options.Services["listed"] = new ServiceOptions());
        source.Client = mesh.Client;
        mesh.Directory.Start();

        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => source.Call.WaitAsync(Token));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_waiting_for_a_source_counts_for_the_deadline()
    {
        var source = new TestSource();
        using var mesh = With(source);
        mesh.Network.On("10.1.0.1:80", Answers.Hang);

        var call = mesh.Client.GetAsync("http://orders/", Token);
        var sink = await source.Sink;
        mesh.Time.Advance(TimeSpan.FromSeconds(9));
        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);
        sink.Ready();
        while (mesh.Network.Received.IsEmpty)
        {
            await Task.Yield();
        }

        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        await call.Settle();
        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.Contains("after 10 s", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://orders/")]
    [InlineData("http://listed/")]
    public async Task Send_cancelled_while_it_waits_for_a_source_ends_with_the_callers_token(string url)
    {
        var source = new TestSource();
        using var mesh = With(source, options => options.Services["listed"] = new ServiceOptions());
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var invoker = new HttpMessageInvoker(mesh.Handler, disposeHandler: false);

        var call = invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, url), caller.Token);
        await caller.CancelAsync();

        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call)).CancellationToken);
    }

    [Fact]
    public async Task Send_once_a_service_always_a_service()
    {
        var source = new TestSource();
        using var primary = new RecordingHandler();
        using var mesh = With(source, primary: primary);
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);
        sink.Ready();
        (await mesh.Client.GetAsync("http://orders/", Token)).Dispose();

        sink.Publish("orders", []);

        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync("http://orders/", Token));
        Assert.Contains("no instance is up", exception.Message, StringComparison.Ordinal);
        Assert.Equal("http://10.1.0.1/", Assert.Single(primary.Received).Uri);
    }

    [Fact]
    public async Task Send_source_that_ends_with_an_error_lets_nobody_wait()
    {
        using var primary = new RecordingHandler();
        using var mesh = With(new BrokenSource(), primary: primary);
        (await mesh.Client.GetAsync("http://redis/", Token)).Dispose();
        Assert.Single(primary.Received);
        Assert.Contains(mesh.Logs.GetSnapshot(), r => r.Id.Id == 1210 && r.Id.Name == "SourceFailed");
    }

    [Theory]
    [InlineData("http://api.github.com/")]
    [InlineData("http://localhost:5000/")]
    [InlineData("http://127.0.0.1:5000/")]
    [InlineData("http://[::1]:5000/")]
    [InlineData("https://10.9.9.9/")]
    public async Task Send_dotted_hosts_addresses_and_localhost_pass_through_at_once(string url)
    {
        var source = new TestSource();
        using var primary = new RecordingHandler();
        using var mesh = With(source, primary: primary);
        var call = mesh.Client.GetAsync(url, Token);
        Assert.True(call.IsCompleted);
        (await call).Dispose();
        Assert.Equal((HttpMethod.Get, url, null), Assert.Single(primary.Received));
    }

    [Theory]
    [InlineData("api.github.com", "https://api.github.com/")]
    [InlineData("localhost", "http://localhost:5000/")]
    public async Task Send_a_source_cannot_capture_foreign_hosts(string name, string url)
    {
        var source = new TestSource();
        using var primary = new RecordingHandler();
        using var mesh = With(source, primary: primary);
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish(name, [TestSource.Endpoint("https://10.6.6.6")]);
        sink.Ready();

        (await mesh.Client.GetAsync(url, Token)).Dispose();

        Assert.Equal((HttpMethod.Get, url, null), Assert.Single(primary.Received));

        // Who asks for it by name gets it.
        Assert.Equal(HostLookup.Service, mesh.Directory.Find(new Uri("mesh://" + name), out _));
    }

    [Fact]
    public async Task Send_dotted_host_that_is_configured_is_a_service_with_endpoints_from_the_source()
    {
        var source = new TestSource();
        using var mesh = With(source, options => options.Services["shop.example.com"] = new ServiceOptions());
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish("shop.example.com", [TestSource.Endpoint("http://10.1.0.1")]);
        sink.Ready();
        (await mesh.Client.GetAsync("http://shop.example.com/", Token)).Dispose();
        Assert.Single(mesh.Network.Received);
    }

    [Theory]
    [InlineData("mesh.local", "http://orders.mesh.local/", true)]
    [InlineData(".mesh.local", "http://ORDERS.Mesh.Local/", true)]
    [InlineData("mesh.local", "http://orders/", true)]
    [InlineData("mesh.local", "http://orders.other.local/", false)]
    [InlineData("mesh.local", "http://mesh.local/", false)]
    [InlineData("mesh.local", "http://ordersmesh.local/", false)]
    [InlineData(null, "http://orders.mesh.local/", false)]
    public async Task Send_domain_suffix_names_services(string? domain, string url, bool service)
    {
        using var primary = new RecordingHandler();
        var source = new TestSource();
        using var mesh = With(source, options => options.Domain = domain, primary);
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1")]);
        sink.Ready();

        (await mesh.Client.GetAsync(url, Token)).Dispose();

        Assert.Equal(service ? "http://10.1.0.1/" : new Uri(url).AbsoluteUri, Assert.Single(primary.Received).Uri);
    }

    [Fact]
    public async Task Send_unlisted_host_that_dns_does_not_know_says_what_the_mesh_knows()
    {
        using var primary = new RecordingHandler(
            Answers.Throw(() => new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known (ordrs:80)")));
        using var mesh = Fleet.Of(1, primary: primary);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync("http://ordrs/", Token));

        Assert.Equal(HttpRequestError.NameResolutionError, exception.HttpRequestError);
        Assert.Contains("Name or service not known", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'ordrs' is not a service of the mesh", exception.Message, StringComparison.Ordinal);
        Assert.Contains("catalog", exception.Message, StringComparison.Ordinal);

        var direct = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync("http://no.such.host/", Token));
        Assert.Equal("Name or service not known (ordrs:80)", direct.Message);
    }

    [Fact]
    public async Task Send_https_to_http_endpoints_is_refused()
    {
        using var mesh = Fleet.Of(2);
        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync("https://catalog/", Token));
        Assert.Contains("none of its 2 endpoints speaks TLS", exception.Message, StringComparison.Ordinal);
        Assert.Contains(Fleet.At(2), exception.Message, StringComparison.Ordinal);
        Assert.Empty(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_https_to_the_only_endpoint_without_tls_says_that_it_is_the_only_one()
    {
        using var mesh = Fleet.Of(1);
        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync("https://catalog/", Token));
        Assert.Contains(
            $"called with https, but its only endpoint does not speak TLS ({Fleet.At(1)}).", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_https_goes_to_the_tls_endpoint_even_when_it_is_ejected()
    {
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] =
                new ServiceOptions { Endpoints = { "http://10.0.0.1", "http://10.0.0.2", "https://10.0.0.3" } });
        var service = mesh.Catalog();
        var secure = Assert.Single(service.Endpoints.Current.Secure.All);
        for (var i = 0; i < 5; i++)
        {
            service.Outliers.OnFailure(secure, connectFailure: false, service.Clock.Now, trial: false);
        }

        Assert.True(secure.Health.IsEjected);
        using var response = await mesh.Client.GetAsync("https://catalog/", Token);
        Assert.Equal("10.0.0.3:443", Assert.Single(mesh.Network.Received).Endpoint);
    }

    [Fact]
    public async Task Send_first_call_in_a_suppressed_context_starts_the_sources()
    {
        var source = new TestSource();
        using var mesh = With(source);
        using (ExecutionContext.SuppressFlow())
        {
            mesh.Directory.Start();
        }

        Assert.NotNull(await source.Sink);
        await mesh.Directory.StopAsync(Token);
    }

    /// <summary>The source of a registry that is not configured answers at once, but in the background.</summary>
    private static async Task OnlyLeft(MeshFixture mesh, int sources)
    {
        while (mesh.Directory.Unanswered.Count > sources)
        {
            await Task.Yield();
        }
    }

    private static MeshFixture With(IMeshSource source, Action<MeshOptions>? configure = null, HttpMessageHandler? primary = null) =>
        new(configure, services => services.AddSingleton(source), primary);

    /// <summary>Asks its registry through a client of the mesh before it answers.</summary>
    private sealed class CallingSource(string url) : IMeshSource
    {
        private readonly TaskCompletionSource<HttpClient> _client = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<HttpResponseMessage> _call = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "calling";

        public HttpClient Client { set => _client.SetResult(value); }

        /// <summary>The call, as it ends while the clock stands still.</summary>
        public Task<HttpResponseMessage> Call => _call.Task;

        public async Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
        {
            var client = await _client.Task.WaitAsync(stoppingToken);
            var call = client.GetAsync(url, stoppingToken);
            try
            {
                await call.Settle();
                _call.SetResult(await call);
            }
            catch (Exception exception)
            {
                _call.SetException(exception);
            }

            await new TaskCompletionSource().Task.WaitAsync(stoppingToken);
        }
    }

    private sealed class BrokenSource : IMeshSource
    {
        public string Name => "broken";

        public Task RunAsync(IMeshSink sink, CancellationToken stoppingToken) => throw new InvalidOperationException("broken");
    }
}
