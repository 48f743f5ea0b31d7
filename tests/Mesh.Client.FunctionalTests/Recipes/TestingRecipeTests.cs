using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Snippets;
using KestrelServer = Mesh.Client.FunctionalTests.Servers.TestServer;

namespace Mesh.Client.FunctionalTests.Recipes;

/// <summary>The recipes of <c>docs/testing.md</c>, over the application of the README, which has a registry in
/// its settings: one that never answers.</summary>
public sealed class TestingRecipeTests : IAsyncDisposable
{
    private readonly Shop _application;
    private readonly FakeLogCollector _logs = new();

    public TestingRecipeTests() => _application = new Shop(host =>
    {
        host.UseSetting("Mesh:Discovery:Eureka:ServiceUrls:0", "http://registry.invalid:8761/eureka/");
        host.ConfigureTestServices(services => services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_logs))));
    });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Switched_off_a_fake_handler_gets_the_call_and_nothing_is_waited_for()
    {
        Assert.Equal("a fake", await TestingSnippets.SwitchedOffAsync(_application, Token));

        Assert.Contains(106, Ids());
        AssertQuiet();
    }

    [Fact]
    public async Task Fake_handler_gets_the_call_through_the_mesh()
    {
        Assert.Equal("a fake", await TestingSnippets.FakeHandlerAsync(_application, Token));

        AssertQuiet();
    }

    [Fact]
    public async Task Server_in_memory_gets_the_call_through_the_mesh()
    {
        using var host = await new HostBuilder()
            .ConfigureWebHost(
                static web => web.UseTestServer().Configure(static app =>
                    app.Run(static context => context.Response.WriteAsync("in memory: " + context.Request.Path))))
            .StartAsync(Token);

        Assert.Equal("in memory: /products/1", await TestingSnippets.InMemoryAsync(_application, host.GetTestServer(), Token));
        AssertQuiet();
    }

    /// <summary>With and without the mesh: nobody outside of the test can be waited for.</summary>
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Server_in_memory_whose_readiness_was_read_ends_without_drain_delay(string enabled)
    {
        await using (var shop = _application.WithWebHostBuilder(host => host
            .UseSetting("Mesh:Enabled", enabled)
            .UseSetting("Mesh:Discovery:Eureka:ServiceUrls:0", "")
            .ConfigureTestServices(static services => services.AddHealthChecks().AddMeshReadiness())))
        {
            var report = await shop.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
            Assert.Contains("mesh-draining", report.Entries.Keys);
        }

        Assert.DoesNotContain(2203, Ids());
    }

    [Fact]
    public async Task Real_ports_work()
    {
        await using var catalog = await KestrelServer.StartAsync("from a port");

        Assert.Equal("from a port", await TestingSnippets.RealPortsAsync(_application, catalog.Url, Token));
        AssertQuiet();
    }

    /// <summary>Not only when the machine is quick.</summary>
    [Fact]
    public async Task Registry_in_the_test_knows_the_other_application_when_it_is_called()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("product 1", await TestingSnippets.RegistryAsync(_application, Token));
        }

        AssertQuiet();
    }

    [Fact]
    public async Task Client_without_the_mesh_goes_to_its_address()
    {
        await using var catalog = await KestrelServer.StartAsync("directly");

        Assert.Equal("directly", await TestingSnippets.WithoutMeshAsync(_application, catalog.Url, Token));
        AssertQuiet();
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private int[] Ids() =>
        [.. _logs.GetSnapshot().Where(static record => record.Category?.StartsWith("Mesh.", StringComparison.Ordinal) == true)
            .Select(static record => record.Id.Id)];

    /// <summary>No warning of the mesh: not of the registry, and not of a server in memory that cannot be registered.</summary>
    private void AssertQuiet() => Assert.DoesNotContain(
        _logs.GetSnapshot(),
        static record => record.Level >= LogLevel.Warning && record.Category?.StartsWith("Mesh.", StringComparison.Ordinal) == true);
}
