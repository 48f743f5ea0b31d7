using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.State;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.State;

/// <summary>What the first line of the log says.</summary>
public sealed class StartReportTests : IDisposable
{
    private TestApplication? _application;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Started_without_anything_says_so()
    {
        await StartAsync("""{ "Mesh": { "Service": { "Name": "shop" } } }""");

        Assert.Equal("On the mesh as 'shop'. Registry: none. Configured services: none. Clients on the mesh: all of the "
            + "HttpClientFactory.", Line(105));
    }

    [Fact]
    public async Task Registrar_that_throws_does_not_keep_the_application_from_starting()
    {
        await StartAsync(
            """{ "Mesh": { "Service": { "Name": "10.1" } } }""",
            static services => services.AddSingleton<IServiceRegistrar, BrokenRegistrar>());

        Assert.StartsWith("On the mesh as '10.1'.", Line(105), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Started_names_configured_services_and_the_clients_that_are_off_the_mesh()
    {
        await StartAsync(
            """{ "Mesh": { "Service": { "Name": "shop" }, "Services": { "catalog": { "Endpoints": [ "http://a", "http://b" ] }, "basket": { "Endpoints": [ "http://c" ] }, "mail": {} } } }""",
            static services =>
            {
                services.AddHttpClient("github").WithoutMesh();
                services.AddHttpClient("other");
            });

        Assert.Equal(
            "On the mesh as 'shop'. Registry: none. Configured services: basket (1 endpoint), catalog (2 endpoints), mail. Clients on the "
            + "mesh: all of the HttpClientFactory but 'github'.",
            Line(105));
    }

    [Fact]
    public async Task Started_says_when_no_client_is_on_the_mesh()
    {
        await StartAsync("{}", static services => services.ConfigureHttpClientDefaults(static client => client.WithoutMesh()));

        Assert.EndsWith("Clients on the mesh: none (WithoutMesh() is the default).", Line(105), StringComparison.Ordinal);
    }

    /// <summary>A usual advice against the log of the HttpClient takes the mesh's filter along.</summary>
    [Fact]
    public async Task Started_warns_once_when_the_filter_of_the_handlers_was_removed()
    {
        await StartAsync(
            """{ "Mesh": { "Service": { "Name": "shop" } } }""",
            static services =>
            {
                services.RemoveAll<IHttpMessageHandlerBuilderFilter>();

                // It brings the factory's own filters back, and not the mesh's.
                services.AddHttpClient("orders");
            });
        _application!.Edit("""{ "Mesh": { "Service": { "Name": "shop" }, "Services": { "orders": {} } } }""");

        Assert.EndsWith("Clients on the mesh: none (its handler filter was removed).", Line(105), StringComparison.Ordinal);
        var warning = Assert.Single(_application.Log.GetSnapshot(), static record => record.Id.Id == 117);
        Assert.Equal((LogLevel.Warning, "HandlerFilterRemoved"), (warning.Level, warning.Id.Name));
        Assert.Equal(
            "No HttpClient is on the mesh: its handler filter was removed from the services, for instance by "
            + "RemoveAll<IHttpMessageHandlerBuilderFilter>() after AddMesh(). Remove that call. To switch the logging of clients off, use "
            + "ConfigureHttpClientDefaults(client => client.RemoveAllLoggers()).",
            warning.Message);
    }

    [Fact]
    public async Task Started_with_the_mesh_off_does_not_miss_the_filter_until_it_is_switched_on()
    {
        await StartAsync(
            """{ "Mesh": { "Enabled": false } }""", static services => services.RemoveAll<IHttpMessageHandlerBuilderFilter>());
        Assert.Equal([106], _application!.EventIds());

        _application.Edit("{}");

        Assert.Contains(117, _application.EventIds());
    }

    /// <summary>What the warning names.</summary>
    [Fact]
    public async Task Clients_without_loggers_are_on_the_mesh()
    {
        await StartAsync("{}", static services => services.ConfigureHttpClientDefaults(static client => client.RemoveAllLoggers()));

        Assert.EndsWith("Clients on the mesh: all of the HttpClientFactory.", Line(105), StringComparison.Ordinal);
        Assert.DoesNotContain(117, _application!.EventIds());
        using var handler = _application.Build().GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("orders");
        List<Type> chain = [];
        for (HttpMessageHandler? next = handler; next is not null; next = (next as DelegatingHandler)?.InnerHandler)
        {
            chain.Add(next.GetType());
        }

        Assert.Contains(typeof(MeshHandler), chain);
        Assert.DoesNotContain(chain, static type => type.Name.Contains("Logging", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Started_before_the_registry_has_answered_says_so_and_reports_the_answer_once_it_comes()
    {
        var source = new TestSource();
        await StartAsync(
            """{ "Mesh": { "Discovery": { "Eureka": { "ServiceUrls": [ "http://user:secret@registry:8761/eureka/", "http://second:8761/eureka/" ] } } } }""",
            services => services.AddSingleton<IMeshSource>(source));

        var line = Line(105);

        Assert.Contains(
            "Registry: http://registry:8761/eureka/, http://second:8761/eureka/ has given no usable answer yet; further sources: "
            + "'" + source.Name + "'.", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        Assert.DoesNotContain(107, _application!.EventIds());
    }

    [Fact]
    public async Task Started_says_that_nothing_is_fetched()
    {
        await StartAsync(
            """{ "Mesh": { "Discovery": { "Eureka": { "ServiceUrls": [ "http://registry:8761/eureka/" ], "Fetch": false } } } }""");

        Assert.Contains("Registry: http://registry:8761/eureka/. The registry is not read "
            + "(Mesh:Discovery:Eureka:Fetch is false).", Line(105), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switched_off_is_one_line_and_so_is_switching_on()
    {
        await StartAsync("""{ "Mesh": { "Enabled": false } }""");
        Assert.Equal([106], _application!.EventIds());
        Assert.Equal(LogLevel.Information, _application.Log.LatestRecord.Level);

        _application.Edit("""{ "Mesh": { "Service": { "Name": "shop" } } }""");

        Assert.Equal([106, 100, 105], _application.EventIds());
    }

    [Theory]
    [InlineData("123", "0.0.0.123")]
    [InlineData("10.0.0.5", "10.0.0.5")]
    [InlineData("localhost", "localhost")]
    public async Task Started_warns_of_an_own_name_that_http_takes_for_an_address(string name, string address)
    {
        await StartAsync(
            $$"""{ "Mesh": { "Service": { "Name": "{{name}}" }, "Discovery": { "Eureka": { "ServiceUrls": [ "http://registry:8761/eureka/" ] } } } }""");

        Assert.Equal(
            $"HTTP reads the service name '{name}' (Mesh:Service:Name) as the address {address}: http://{name} does not reach the "
            + "service. "
            + "Choose a name that is not an address.",
            Line(115));
    }

    [Theory]
    [InlineData("Spring:Application:Name")]
    [InlineData("Eureka:Instance:AppName")]
    public async Task Started_warns_of_an_own_name_under_the_key_that_was_written(string key)
    {
        await StartAsync($$"""{ "{{key}}": "123", "Mesh": { "Discovery": { "Eureka": { "ServiceUrls": [ "http://registry:8761/eureka/" ] } } } }""");

        Assert.Contains($"'123' ({key})", Line(115), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Started_does_not_warn_of_an_own_name_that_is_not_registered()
    {
        await StartAsync("""{ "Mesh": { "Service": { "Name": "123" } } }""");

        Assert.DoesNotContain(115, _application!.EventIds());
    }

    [Fact]
    public async Task Started_warns_of_a_configured_name_that_http_changes_once_and_of_no_other()
    {
        const string Names = "\"10.1\": {}, \"10.0.0.5\": {}, \"localhost\": {}, \"1e\": {}, \"orders\": {}";
        await StartAsync($$"""{ "Mesh": { "Services": { {{Names}} } } }""");

        _application!.Edit($$"""{ "Mesh": { "Services": { {{Names}}, "more": {} } } }""");

        Assert.StartsWith("HTTP reads the service name '10.1' (Mesh:Services:10.1) as the address "
            + "10.0.0.1:", Line(115), StringComparison.Ordinal);
    }

    public void Dispose() => _application?.Dispose();

    private async Task StartAsync(string json, Action<IServiceCollection>? configure = null)
    {
        _application = new TestApplication(json);
        _application.Services.AddMesh();
        configure?.Invoke(_application.Services);
        var provider = ((IServiceCollection)_application.Services).BuildServiceProvider();

        // Alone: the other hosted services need a host.
        await ActivatorUtilities.CreateInstance<StartReport>(provider).StartedAsync(Token);
    }

    private string Line(int id) => Assert.Single(_application!.Log.GetSnapshot(), record => record.Id.Id == id).Message;

    private sealed class BrokenRegistrar : IServiceRegistrar
    {
        public string Name => "broken";

        public bool IsWanted => throw new InvalidOperationException("no answer");

        public bool IsAnnouncedUp => false;

        public string? Prepare(OwnInstance instance) => null;

        public void Begin()
        {
        }

        public Task EndAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task AnnounceDownAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task RemoveAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
