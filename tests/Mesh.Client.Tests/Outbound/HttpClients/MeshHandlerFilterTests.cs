using System.Net;
using Grpc.Core;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Outbound.HttpClients;

public sealed class MeshHandlerFilterTests : IDisposable
{
    private readonly TestApplication _application = new("{}");

    private IServiceCollection Services => _application.Services;

    public void Dispose() => _application.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_mesh_is_innermost_whatever_the_order_of_calls(bool meshFirst)
    {
        if (meshFirst)
        {
            Services.AddMesh();
        }

        Services.AddHttpClient("orders").AddHttpMessageHandler(() => new UserHandler());
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, UserFilter>());
        if (!meshFirst)
        {
            Services.AddMesh();
        }

        var chain = Chain("orders");

        Assert.Equal(
            ["LoggingScopeHttpMessageHandler", "UserHandler", "FilterHandler", "LoggingHttpMessageHandler", "MeshHandler",
                "SocketsHttpHandler"],
            chain.SkipWhile(handler => !handler.GetType().Name.StartsWith("Logging", StringComparison.Ordinal))
                .Select(handler => handler.GetType().Name));
        Assert.Equal(
            typeof(MeshHandlerFilter),
            Services.First(service => service.ServiceType == typeof(IHttpMessageHandlerBuilderFilter)).ImplementationType);
    }

    [Fact]
    public void Each_client_has_one_handler_however_often_AddMesh_is_called()
    {
        Services.AddMesh();
        Services.AddHttpClient("orders");
        Services.AddMesh();

        Assert.Single(Chain("orders"), handler => handler is MeshHandler);
        Assert.Single(Chain("never configured"), handler => handler is MeshHandler);
    }

    [Fact]
    public void All_clients_share_one_pipeline()
    {
        Services.AddMesh();
        var provider = _application.Build();
        var factory = provider.GetRequiredService<IHttpMessageHandlerFactory>();

        Assert.Same(MeshOf(factory.CreateHandler("a")).Pipeline, MeshOf(factory.CreateHandler("b")).Pipeline);
        Assert.Same(provider.GetRequiredService<CallPipeline>(), MeshOf(factory.CreateHandler("c")).Pipeline);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WithoutMesh_leaves_the_client_as_it_is(bool meshFirst)
    {
        if (meshFirst)
        {
            Services.AddMesh();
        }

        Services.AddHttpClient("external").WithoutMesh();
        if (!meshFirst)
        {
            Services.AddMesh();
        }

        var provider = _application.Build();

        Assert.DoesNotContain(Chain(provider, "external"), handler => handler is MeshHandler);
        Assert.DoesNotContain("__GrpcLoadBalancingDisabled", Primary(provider, "external").Properties.Keys);
        Assert.Contains(Chain(provider, "orders"), handler => handler is MeshHandler);
    }

    [Fact]
    public void WithoutMesh_as_default_leaves_all_clients_as_they_are()
    {
        Services.AddMesh();
        Services.ConfigureHttpClientDefaults(client => client.WithoutMesh());

        Assert.DoesNotContain(Chain("orders"), handler => handler is MeshHandler);
    }

    /// <summary>OpenTelemetry's exporters take their clients from the factory, under these names.</summary>
    [Theory]
    [InlineData("OtlpTraceExporter")]
    [InlineData("OtlpMetricExporter")]
    [InlineData("OtlpLogExporter")]
    [InlineData("ZipkinExporter")]
    public void Client_of_an_exporter_is_not_on_the_mesh(string client)
    {
        Services.AddMesh();
        var provider = _application.Build();

        Assert.DoesNotContain(Chain(provider, client), handler => handler is MeshHandler);
        Assert.Contains(Chain(provider, client + "s"), handler => handler is MeshHandler);
    }

    [Fact]
    public void WithoutMesh_needs_no_mesh()
    {
        Services.AddHttpClient("external").WithoutMesh();

        Assert.NotEmpty(Chain("external"));
    }

    [Fact]
    public void A_plain_client_has_no_primary_handler_of_its_own()
    {
        Services.AddMesh();
        Services.AddHttpClient("short").SetHandlerLifetime(TimeSpan.FromSeconds(5));
        Services.AddHttpClient("sockets").UseSocketsHttpHandler((handler, _) => handler.PooledConnectionLifetime = TimeSpan.FromMinutes(1));
        Services.AddHttpClient("new").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler());
        var provider = _application.Build();

        Assert.All(["plain", "short", "sockets", "new"], client => Assert.False(Mesh(provider, client).Primary.IsOwn, client));
    }

    [Fact]
    public void A_configured_primary_handler_is_the_users_own()
    {
        Services.AddMesh();
        Services.AddHttpClient("in place").UseSocketsHttpHandler((handler, _) => handler.AllowAutoRedirect = false);
        Services.AddHttpClient("new").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { AllowAutoRedirect = false });
        Services.AddHttpClient("double").ConfigurePrimaryHttpMessageHandler(() => new UserHandler());
        var provider = _application.Build();

        Assert.All(["in place", "new", "double"], client => Assert.True(Mesh(provider, client).Primary.IsOwn, client));
        Assert.Empty(Logged(116));
    }

    [Fact]
    public void A_container_for_cookies_alone_makes_no_primary_handler_of_the_users()
    {
        var jar = new CookieContainer();
        Services.AddMesh();
        Services.AddHttpClient("in place").UseSocketsHttpHandler((handler, _) => handler.CookieContainer = jar);
        Services.AddHttpClient("new").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { CookieContainer = jar });
        var provider = _application.Build();

        Assert.All(["in place", "new"], client => Assert.False(Mesh(provider, client).Primary.IsOwn, client));
        Assert.All(["in place", "new"], client => Assert.Same(jar, Mesh(provider, client).Primary.Cookies));
        Assert.Null(Mesh(provider, "plain").Primary.Cookies);
        Assert.Empty(Logged(116));
    }

    [Fact]
    public void A_primary_handler_of_the_users_that_keeps_something_by_address_is_warned_about_once_per_client()
    {
        Services.AddMesh();
        Services.AddHttpClient("jar").ConfigurePrimaryHttpMessageHandler(
            () => new SocketsHttpHandler { CookieContainer = new CookieContainer(), AutomaticDecompression = DecompressionMethods.All });
        Services.AddHttpClient("cache").ConfigurePrimaryHttpMessageHandler(
            () => new HttpClientHandler { Credentials = new CredentialCache() });
        Services.AddHttpClient("one").ConfigurePrimaryHttpMessageHandler(
            () => new SocketsHttpHandler { Credentials = new NetworkCredential("a", "b") });
        var provider = _application.Build();

        Assert.All(["jar", "jar", "cache", "one"], client => Assert.True(Mesh(provider, client).Primary.IsOwn, client));
        Assert.Null(Mesh(provider, "jar").Primary.Cookies);
        Assert.Collection(
            Logged(116),
            record => Assert.StartsWith(
                "HttpClient 'jar' has a primary handler of its own with a CookieContainer.", record.Message, StringComparison.Ordinal),
            record => Assert.StartsWith(
                "HttpClient 'cache' has a primary handler of its own with a CredentialCache.", record.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_gRPC_client_is_balanced_by_the_mesh()
    {
        Services.AddMesh();
        Services.AddGrpcClient<Greeter>(options => options.Address = new Uri("http://greeter"));
        var provider = _application.Build();

        var mesh = Mesh(provider, nameof(Greeter));

        Assert.False(mesh.Primary.IsOwn);
        Assert.Equal(true, Primary(provider, nameof(Greeter)).Properties["__GrpcLoadBalancingDisabled"]);
        Assert.NotNull(provider.GetRequiredService<Greeter>());
    }

    [Fact]
    public void A_resilience_handler_above_the_mesh_is_warned_about_once_per_client()
    {
        Services.AddMesh();
        Services.AddHttpClient("orders").AddStandardResilienceHandler();
        Services.AddHttpClient("payments").AddStandardResilienceHandler();
        Services.AddHttpClient("plain");
        Services.AddHttpClient("external").WithoutMesh().AddStandardResilienceHandler();

        BuildTwice("orders", "payments", "plain", "external");

        var records = _application.Log.GetSnapshot().Where(record => record.Id.Name == "ResilienceHandlerStacked").ToList();
        Assert.All(records, record => Assert.Equal((110, LogLevel.Warning), (record.Id.Id, record.Level)));
        Assert.Collection(
            records,
            record => Assert.Contains("'orders'", record.Message, StringComparison.Ordinal),
            record => Assert.Contains("'payments'", record.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Service_discovery_above_the_mesh_is_warned_about_once_per_client()
    {
        Services.AddMesh();
        Services.AddServiceDiscovery();
        Services.AddHttpClient("orders").AddServiceDiscovery();

        BuildTwice("orders", "plain");

        var record = Assert.Single(_application.Log.GetSnapshot(), record => record.Id.Name == "ServiceDiscoveryStacked");
        Assert.Equal((111, LogLevel.Warning), (record.Id.Id, record.Level));
        Assert.Contains("'orders'", record.Message, StringComparison.Ordinal);
    }

    /// <summary>Builds the handlers of each client twice, as the factory does when their lifetime is over.</summary>
    private void BuildTwice(params string[] clients)
    {
        var provider = _application.Build();
        var filters = provider.GetServices<IHttpMessageHandlerBuilderFilter>().Reverse().ToList();
        var options = provider.GetRequiredService<Microsoft.Extensions.Options.IOptionsMonitor<HttpClientFactoryOptions>>();
        foreach (var client in clients.Concat(clients))
        {
            var builder = provider.GetRequiredService<HttpMessageHandlerBuilder>();
            builder.Name = client;
            filters.Aggregate<IHttpMessageHandlerBuilderFilter, Action<HttpMessageHandlerBuilder>>(
                inner => options.Get(client).HttpMessageHandlerBuilderActions.ToList().ForEach(action => action(inner)),
                (next, filter) => filter.Configure(next))(builder);
        }
    }

    private List<HttpMessageHandler> Chain(string client) => Chain(_application.Build(), client);

    private List<FakeLogRecord> Logged(int id) => [.. _application.Log.GetSnapshot().Where(record => record.Id.Id == id)];

    private static List<HttpMessageHandler> Chain(IServiceProvider provider, string client) =>
        Chain(provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(client));

    private static List<HttpMessageHandler> Chain(HttpMessageHandler handler)
    {
        List<HttpMessageHandler> chain = [handler];
        while (chain[^1] is DelegatingHandler { InnerHandler: { } inner })
        {
            chain.Add(inner);
        }

        return chain;
    }

    private static MeshHandler MeshOf(HttpMessageHandler handler) => Chain(handler).OfType<MeshHandler>().Single();

    private static MeshHandler Mesh(IServiceProvider provider, string client) => Chain(provider, client).OfType<MeshHandler>().Single();

    private static SocketsHttpHandler Primary(IServiceProvider provider, string client) =>
        Assert.IsType<SocketsHttpHandler>(Chain(provider, client)[^1]);

    private sealed class UserHandler : DelegatingHandler;

    private sealed class FilterHandler : DelegatingHandler;

    private sealed class UserFilter : IHttpMessageHandlerBuilderFilter
    {
        public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
        {
            next(builder);
            builder.AdditionalHandlers.Add(new FilterHandler());
        };
    }

    private sealed class Greeter(CallInvoker invoker) : ClientBase(invoker);
}
